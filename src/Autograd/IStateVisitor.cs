using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// Visits everything that training changes, to save it or to restore it. Saving and restoring share one list of what there is, each entry
/// under its name: loading cannot forget what saving had.
/// </summary>
public interface IStateVisitor
{
    /// <summary>Saves a tensor's elements, or overwrites them with the saved ones.</summary>
    void VisitTensor(string name, Tensor tensor);

    /// <summary>Saves or restores a whole number.</summary>
    /// <returns>The number to continue with: the given one when saving, the saved one when restoring.</returns>
    long VisitInt64(string name, long value);

    /// <summary>Saves or restores a number, to the bit.</summary>
    /// <returns>The number to continue with: the given one when saving, the saved one when restoring.</returns>
    double VisitDouble(string name, double value);
}

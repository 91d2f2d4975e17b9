using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// A walk over everything that training changes. It either notes each thing under its name, or puts back what was noted: whoever is walked over has one
/// list for both, so that loading forgets nothing that saving had.
/// </summary>
public interface IStateWalk
{
    /// <summary>Notes a tensor's elements, or overwrites them.</summary>
    void Tensor(string name, Tensor tensor);

    /// <summary>Notes a whole number.</summary>
    /// <returns>The number to go on with: the same, or the one that was noted.</returns>
    long Whole(string name, long value);

    /// <summary>Notes a number, to the bit.</summary>
    /// <returns>The number to go on with.</returns>
    double Number(string name, double value);
}

using GanFromScratch.Autograd;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Models;

/// <summary>
/// The order of a parameter's numbers in PyTorch, which files have: [out, in] of a dense layer whose weight is [in, out] here, and
/// [out, in, rows, columns] of a convolution whose kernel is [rows, columns, in, out]. An embedding's table has the same in both.
/// </summary>
public static class TorchLayout
{
    /// <summary>Returns the extents that a parameter has there.</summary>
    public static int[] ShapeOf(Parameter parameter)
    {
        var shape = parameter.Value.Shape;
        return shape.Rank switch
        {
            4 => [shape[3], shape[2], shape[0], shape[1]],
            2 when IsTable(parameter) => [shape[0], shape[1]],
            2 => [shape[1], shape[0]],
            _ => [shape.Count],
        };
    }

    /// <summary>Writes a parameter's numbers in PyTorch's order.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="values">Its numbers in the order here.</param>
    /// <param name="to">Receives them.</param>
    public static void Export(Parameter parameter, ReadOnlySpan<float> values, Span<float> to)
    {
        var shape = parameter.Value.Shape;
        if (shape.Rank == 4)
            Kernel(values, to, shape, exports: true);
        else if (shape.Rank == 2 && !IsTable(parameter))
            Transpose(values, shape[0], shape[1], to);
        else
            values.CopyTo(to);
    }

    /// <summary>Sets a parameter to numbers in PyTorch's order.</summary>
    public static void Import(Parameter parameter, ReadOnlySpan<float> values)
    {
        var shape = parameter.Value.Shape;
        var own = new float[shape.Count];
        if (shape.Rank == 4)
            Kernel(values, own, shape, exports: false);
        else if (shape.Rank == 2 && !IsTable(parameter))
            Transpose(values, shape[1], shape[0], own);
        else
            values.CopyTo(own);
        parameter.Value.CopyFrom(own);
    }

    // an embedding's [labels, values] is the same there
    private static bool IsTable(Parameter parameter) => parameter.Name.StartsWith("emb", StringComparison.Ordinal);

    // [rows, columns, in, out] to [out, in, rows, columns], or back
    private static void Kernel(ReadOnlySpan<float> from, Span<float> to, Shape shape, bool exports)
    {
        int taps = shape[0] * shape[1], inputs = shape[2], outputs = shape[3];
        for (int tap = 0; tap < taps; tap++)
        {
            for (int i = 0; i < inputs; i++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    int own = (((tap * inputs) + i) * outputs) + o, torch = (((o * inputs) + i) * taps) + tap;
                    if (exports)
                        to[torch] = from[own];
                    else
                        to[own] = from[torch];
                }
            }
        }
    }

    private static void Transpose(ReadOnlySpan<float> values, int rows, int columns, Span<float> to)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                to[(column * rows) + row] = values[(row * columns) + column];
        }
    }
}

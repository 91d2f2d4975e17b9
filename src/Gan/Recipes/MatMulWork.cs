using GanFromScratch.Autograd;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// Floating-point operations of a network's matrix products for one picture; a multiplication and its addition count as two. A dense layer
/// [in, out] takes 2·in·out forward, as many for its weight's gradient, and as many for its input's.
/// </summary>
/// <param name="Forward">All layers, forward.</param>
/// <param name="FirstLayer">The first dense layer's share of it.</param>
/// <param name="LastLayer">The last dense layer's share.</param>
public readonly record struct MatMulWork(long Forward, long FirstLayer, long LastLayer)
{
    /// <summary>Forward, and back to every weight. The first layer's input needs no gradient.</summary>
    public long Update => (3 * Forward) - FirstLayer;

    /// <summary>
    /// Forward; back to the input, for its slope; and back through both to every weight, for a loss with a penalty on the slope. Of that last part, each forward
    /// product asks for its weight's gradient and its input's (but for the first), and so does each product of the slope (but for the last layer, where its
    /// input is ones).
    /// </summary>
    public long PenalisedUpdate => (6 * Forward) - FirstLayer - LastLayer;

    /// <summary>Forward, and back to the input with all weights frozen.</summary>
    public long Through => 2 * Forward;

    /// <summary>A network's.</summary>
    public static MatMulWork Of(Sequential network)
    {
        long[] layers = [.. network.Parameters.Where(p => p.Value.Shape.Rank == 2).Select(p => 2L * p.Value.Count)];
        return new MatMulWork(layers.Sum(), layers.FirstOrDefault(), layers.LastOrDefault());
    }
}

using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Evaluation;

// a[n,d] b[m,d]

/// <summary>Computes the dot products of all rows of two sets of features in blocks of rows, as all products may not fit.</summary>
/// <param name="device">The device that multiplies.</param>
/// <param name="width">Features in a row.</param>
internal sealed class GramBlocks(Device device, int width)
{
    private const int BlockRows = 500;

    /// <summary>Features in a row.</summary>
    public int Width => width;

    /// <summary>Computes blocks of a·bᵀ, in order: the first row of a block, and its products [rows, m].</summary>
    public IEnumerable<(int First, float[] Products)> Blocks(ReadOnlyMemory<float> a, ReadOnlyMemory<float> b)
    {
        int n = a.Length / width, m = b.Length / width;
        using var all = Tensor.From(device, new Shape(m, width), b.Span);
        for (int first = 0; first < n; first += BlockRows)
        {
            int rows = Math.Min(BlockRows, n - first);
            using var some = Tensor.From(device, new Shape(rows, width), a.Span.Slice(first * width, rows * width));
            using var products = new Tensor(device, new Shape(rows, m));
            MatMul.Run(some, false, all, true, products);
            yield return (first, products.ToArray());
        }
    }
}

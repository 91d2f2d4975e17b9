using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Evaluation;

// a[n,d] b[m,d]

/// <summary>The dot products of all rows of one set of features with all rows of another, a block of rows at a time: all of them at once may be too many.</summary>
/// <param name="device">Where they are multiplied.</param>
/// <param name="width">Numbers of a row.</param>
internal sealed class GramBlocks(Device device, int width)
{
    private const int RowsAtOnce = 500;

    /// <summary>Numbers of a row.</summary>
    public int Width => width;

    /// <summary>Blocks of rows of a·bᵀ, in order: the block's first row of a, and [rows, m].</summary>
    public IEnumerable<(int First, float[] Products)> Blocks(ReadOnlyMemory<float> a, ReadOnlyMemory<float> b)
    {
        int n = a.Length / width, m = b.Length / width;
        using var all = Tensor.From(device, new Shape(m, width), b.Span);
        for (int first = 0; first < n; first += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, n - first);
            using var some = Tensor.From(device, new Shape(rows, width), a.Span.Slice(first * width, rows * width));
            using var products = new Tensor(device, new Shape(rows, m));
            MatMul.Run(some, false, all, true, products);
            yield return (first, products.ToArray());
        }
    }
}

using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

/// <summary>What is timed side by side must have the same result; a setup that finds otherwise ends the benchmark.</summary>
internal static class Agreement
{
    /// <summary>Throws unless both hold the same bits.</summary>
    public static void SameBits(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length)
            throw new InvalidOperationException($"{what}: {actual.Length} numbers where {expected.Length} were expected");
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Refuse(what, i, $"{expected[i]:g9}", actual[i]);
        }
    }

    /// <summary>Throws unless every number is within the tolerance: relative, or absolute below 1.</summary>
    public static void Near(string what, ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        if (expected.Length != actual.Length)
            throw new InvalidOperationException($"{what}: {actual.Length} numbers where {expected.Length} were expected");
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i]))))
                Refuse(what, i, $"{expected[i]:g9}", actual[i]);
        }
    }

    /// <summary>
    /// Throws unless y = a·b has the bits of one chain of multiply-adds an element; of a large result a few thousand elements are compared.
    /// </summary>
    public static void SameChain(string what, float[] a, bool transposeA, float[] b, bool transposeB, Tensor y)
    {
        float[] actual = y.ToArray();
        int rows = y.Shape.Rows, columns = y.Shape.Columns, depth = a.Length / rows;
        int step = Math.Max(1, (int)((long)actual.Length * depth / 4_000_000)) | 1; // odd, so that it meets every column of the tiles
        for (int at = 0; at < actual.Length; at += step)
        {
            int i = at / columns, j = at % columns;
            var sum = new Scalar(0f);
            for (int k = 0; k < depth; k++)
            {
                var x = new Scalar(a[transposeA ? (k * rows) + i : (i * depth) + k]);
                sum = Scalar.MultiplyAdd(x, new Scalar(b[transposeB ? (j * depth) + k : (k * columns) + j]), sum);
            }
            SameBits($"{what}, element {at}", [sum.Value], [actual[at]]);
        }
    }

    private static void Refuse(string what, int i, string expected, float actual) => throw new InvalidOperationException(
        $"{what}: element {i} is {actual:g9}, not {expected} as in the other variant; their times can't be compared before they agree");
}

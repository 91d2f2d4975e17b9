using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>
/// Convolutions by their definition, pixel by pixel, in the order of additions that is promised: what all devices' results equal to the
/// bit.
/// </summary>
internal static class NaiveConvolution
{
    /// <summary>[N, H', W', O] of x [N, H, W, C] and w [rows, columns, C, O].</summary>
    public static float[] Forward(float[] x, Shape pictures, float[] w, Window window, Shape result)
    {
        var y = new float[result.Count];
        int at = 0;
        for (int n = 0; n < result[0]; n++)
        {
            for (int i = 0; i < result[1]; i++)
            {
                for (int j = 0; j < result[2]; j++)
                {
                    for (int o = 0; o < result[3]; o++)
                        y[at++] = Pixel(n, i, j, o);
                }
            }
        }
        return y;

        float Pixel(int n, int i, int j, int o)
        {
            var sum = new Chains(window.Width * pictures[3], window.Stride == 1 && result[3] <= 4 ? pictures[3] : 0);
            for (int v = 0; v < window.Height; v++)
            {
                for (int u = 0; u < window.Width; u++)
                {
                    for (int c = 0; c < pictures[3]; c++)
                    {
                        float value = At(x, pictures, n, (i * window.Stride) - window.Top + v, (j * window.Stride) - window.Left + u, c);
                        sum.Add(value, w[(((((v * window.Width) + u) * pictures[3]) + c) * result[3]) + o]);
                    }
                }
            }
            return sum.Sum;
        }
    }

    /// <summary>[N, H, W, C] of dy [N, H', W', O] and w: the taps of a pixel in the order of the places in dy that they are of.</summary>
    public static float[] Transposed(float[] dy, Shape source, float[] w, Window window, Shape result)
    {
        var dx = new float[result.Count];
        int at = 0;
        for (int n = 0; n < result[0]; n++)
        {
            for (int i = 0; i < result[1]; i++)
            {
                for (int j = 0; j < result[2]; j++)
                {
                    for (int c = 0; c < result[3]; c++)
                        dx[at++] = Pixel(n, i, j, c);
                }
            }
        }
        return dx;

        float Pixel(int n, int i, int j, int c)
        {
            int across = Enumerable.Range(0, window.Width).Count(u => (j + window.Left - u) % window.Stride == 0);
            var sum = new Chains(across * source[3], result[3] <= 4 ? source[3] : 0);
            for (int v = window.Height - 1; v >= 0; v--)
            {
                int y = i + window.Top - v;
                if (y % window.Stride != 0)
                    continue;
                for (int u = window.Width - 1; u >= 0; u--)
                {
                    int x = j + window.Left - u;
                    if (x % window.Stride != 0)
                        continue;
                    for (int o = 0; o < source[3]; o++)
                    {
                        float value = At(dy, source, n, y / window.Stride, x / window.Stride, o);
                        sum.Add(value, w[(((((v * window.Width) + u) * result[3]) + c) * source[3]) + o]);
                    }
                }
            }
            return sum.Sum;
        }
    }

    /// <summary>Adds products up as a convolution does: chains of whole lines of the kernel, of at most 64 numbers if of several;
    /// of a tap each for a narrow result.</summary>
    private struct Chains(int line, int narrow)
    {
        private readonly int _most = narrow > 0 ? narrow : line * Math.Max(1, 64 / Math.Max(1, line));
        private int _count;
        private float _chain, _before;
        private bool _isFirst = true;

        public readonly float Sum => _isFirst ? _chain : _before + _chain;

        public void Add(float a, float b)
        {
            if (_count == _most)
                (_before, _isFirst, _chain, _count) = (Sum, false, 0f, 0);
            _chain = InstructionSets.MultiplyAdd(a, b, _chain);
            _count++;
        }
    }

    /// <summary>[rows, columns, C, O]: for each element the sums of blocks of pixels, added in order.</summary>
    public static float[] KernelGradient(float[] x, Shape pictures, float[] dy, Shape result, Window window, float[]? before = null)
    {
        int outputs = result[3], pixels = result.Rows;
        var dw = new float[window.Height * window.Width * pictures[3] * outputs];
        for (int k = 0; k < dw.Length; k++)
        {
            int o = k % outputs, c = k / outputs % pictures[3], tap = k / outputs / pictures[3];
            float sum = before?[k] ?? 0;
            for (int first = 0; first < pixels; first += Convolution.RowsOfBlock)
            {
                float block = 0;
                for (int m = first; m < Math.Min(pixels, first + Convolution.RowsOfBlock); m++)
                {
                    int j = m % result[2], i = m / result[2] % result[1], n = m / result[2] / result[1];
                    int row = (i * window.Stride) - window.Top + (tap / window.Width);
                    int column = (j * window.Stride) - window.Left + (tap % window.Width);
                    block = InstructionSets.MultiplyAdd(At(x, pictures, n, row, column, c), dy[(m * outputs) + o], block);
                }
                sum = first == 0 && before is null ? block : sum + block;
            }
            dw[k] = sum;
        }
        return dw;
    }

    private static float At(float[] x, Shape shape, int n, int i, int j, int c) => i < 0 || j < 0 || i >= shape[1] || j >= shape[2]
        ? 0
        : x[(((((n * shape[1]) + i) * shape[2]) + j) * shape[3]) + c];
}

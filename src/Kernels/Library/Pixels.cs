using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

// x[N,H,W,C]: N pictures of H rows and W columns of pixels, each of C channels

/// <summary>
/// What moves the pixels of pictures, and what adds them up: the two are each other's gradients. Sums are in an order that the shape alone
/// fixes.
/// </summary>
public static unsafe class Pixels
{
    /// <summary>y[n,i,j,c] = x[n,i/2,j/2,c]: each pixel twice, down and across.</summary>
    /// <param name="x">[N,H,W,C]</param>
    /// <param name="y">[N,2H,2W,C]</param>
    /// <exception cref="ArgumentException">y isn't twice as high and wide as x.</exception>
    public static void Upsample(Tensor x, Tensor y)
    {
        RequireDoubled("Upsample", x, y);
        var places = new Pooling(x.Shape[2], x.Shape[3]);
        if (y.Device is CpuDevice cpu)
        {
            var job = new UpsampleJob(x.Pointer(), y.Pointer(), places);
            cpu.Run(ref job, x.Shape[0] * x.Shape[1], CpuLoop.MinRows(4 * places.Width * places.Channels));
        }
        else
        {
            Launcher.ForEach(y.Device, y.Count, UpsampleKernel, x.On(y.Device), y.On(y.Device), places);
        }
    }

    /// <summary>
    /// y[n,i,j,c] = the sum of the four of x[n,2i..2i+1,2j..2j+1,c]: the two above, the two below, and then these two sums.
    /// </summary>
    /// <param name="x">[N,2H,2W,C]</param>
    /// <param name="y">[N,H,W,C]</param>
    /// <exception cref="ArgumentException">x isn't twice as high and wide as y.</exception>
    public static void SumPool(Tensor x, Tensor y)
    {
        RequireDoubled("SumPool", y, x);
        var places = new Pooling(y.Shape[2], y.Shape[3]);
        if (y.Device is CpuDevice cpu)
        {
            var job = new SumPoolJob(x.Pointer(), y.Pointer(), places);
            cpu.Run(ref job, y.Shape[0] * y.Shape[1], CpuLoop.MinRows(4 * places.Width * places.Channels));
        }
        else
        {
            Launcher.ForEach(y.Device, y.Count, SumPoolKernel, x.On(y.Device), y.On(y.Device), places);
        }
    }

    /// <summary>
    /// y[n,i,j,c] = x[n,i-top,j-left,c], or 0 where there is no such pixel: a frame of zeros around pictures. Negative numbers crop.
    /// </summary>
    /// <param name="x">[N,H,W,C]</param>
    /// <param name="top">Rows of y before x's first.</param>
    /// <param name="left">Columns of y before x's first.</param>
    /// <param name="y">[N,H',W',C]; what is below and on the right follows from its extents.</param>
    /// <exception cref="ArgumentException">They are no pictures, or other numbers of them or of channels.</exception>
    public static void Pad(Tensor x, int top, int left, Tensor y)
    {
        if (x.Shape.Rank != 4 || y.Shape.Rank != 4 || x.Shape[0] != y.Shape[0] || x.Shape[3] != y.Shape[3])
            Operands.Refuse("Pad", x, y, "both must be pictures [N, rows, columns, channels], of the same N and channels");
        int channels = x.Shape[3];
        var places = new Padding(top, left * channels, x.Shape[1], x.Shape[2] * channels, y.Shape[1], y.Shape[2] * channels);
        if (y.Device is CpuDevice cpu)
        {
            var job = new PadJob(x.Pointer(), y.Pointer(), places);
            cpu.Run(ref job, y.Shape[0] * y.Shape[1], CpuLoop.MinRows(places.ToLength));
        }
        else
        {
            Launcher.ForEach(y.Device, y.Count, PadKernel, x.On(y.Device), y.On(y.Device), places);
        }
    }

    /// <summary>
    /// Moves each picture by whole pixels, and mirrors it, at random: y[n,i,j,c] = x[n, i-down, m(j)-right, c], or a number where there is
    /// no such pixel, m(j) being W-1-j for a mirrored picture. Or puts numbers back where they were moved from: that is its gradient.
    /// </summary>
    /// <param name="x">[N,H,W,C]</param>
    /// <param name="draws">[N,3], uniform in [0, 1): a picture is moved down and right by up to the reach either way, and mirrored.</param>
    /// <param name="move">How far, and whether back.</param>
    /// <param name="y">[N,H,W,C]</param>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Move(Tensor x, Tensor draws, PixelMove move, Tensor y)
    {
        Operands.SameShape("Move", x, y);
        if (x.Shape.Rank != 4 || draws.Shape.Rank != 2 || draws.Shape[0] != x.Shape[0] || draws.Shape[1] != 3)
            Operands.Refuse("Move", x, draws, "there must be pictures [N, rows, columns, channels] and three draws for each");
        var places = new Planes(x.Shape[1], x.Shape[2], x.Shape[3]);
        if (y.Device is CpuDevice cpu)
        {
            var job = new MoveJob(x.Pointer(), draws.Pointer(), move, y.Pointer(), places);
            cpu.Run(ref job, x.Shape[0], CpuLoop.MinRows(places.Length));
        }
        else
        {
            Launcher.ForEach(y.Device, y.Count, MoveKernel, x.On(y.Device), draws.On(y.Device), move, y.On(y.Device), places);
        }
    }

    /// <summary>
    /// y[n,c] = scale · Σ x[n,i,j,c] over a picture's pixels: those of each row from left to right, then the rows' sums from top down.
    /// </summary>
    /// <param name="x">[N,H,W,C]</param>
    /// <param name="scale">The factor.</param>
    /// <param name="y">[N,C]</param>
    /// <exception cref="ArgumentException">y hasn't a row for each picture and a column for each channel.</exception>
    public static void SumPixels(Tensor x, float scale, Tensor y)
    {
        RequireRows("SumPixels", x, y);
        var places = new Planes(x.Shape[1], x.Shape[2], x.Shape[3]);
        if (y.Device is CpuDevice cpu)
        {
            var job = new SumJob(x.Pointer(), scale, y.Pointer(), places);
            cpu.Run(ref job, x.Shape[0], CpuLoop.MinRows(places.Length));
        }
        else
        {
            Launcher.ForEach(y.Device, y.Count, SumPixelsKernel, x.On(y.Device), scale, y.On(y.Device), places);
        }
    }

    /// <summary>y[n,i,j,c] = scale · x[n,c]</summary>
    /// <param name="x">[N,C]</param>
    /// <param name="scale">The factor.</param>
    /// <param name="y">[N,H,W,C]</param>
    /// <exception cref="ArgumentException">x hasn't a row for each picture and a column for each channel.</exception>
    public static void RepeatPixels(Tensor x, float scale, Tensor y)
    {
        RequireRows("RepeatPixels", y, x);
        var places = new Planes(y.Shape[1], y.Shape[2], y.Shape[3]);
        if (y.Device is CpuDevice cpu)
        {
            var job = new RepeatJob(x.Pointer(), scale, y.Pointer(), places);
            cpu.Run(ref job, y.Shape[0], CpuLoop.MinRows(places.Length));
        }
        else
        {
            Launcher.ForEach(y.Device, y.Count, RepeatPixelsKernel, x.On(y.Device), scale, y.On(y.Device), places);
        }
    }

    private static void RequireDoubled(string op, Tensor small, Tensor large)
    {
        Shape s = small.Shape, l = large.Shape;
        if (s.Rank != 4 || l.Rank != 4 || l[0] != s[0] || l[1] != 2 * s[1] || l[2] != 2 * s[2] || l[3] != s[3])
            Operands.Refuse(op, small, large, "both must be pictures [N, rows, columns, channels], the second ones twice as high and wide");
    }

    private static void RequireRows(string op, Tensor pictures, Tensor rows)
    {
        Shape p = pictures.Shape, r = rows.Shape;
        if (p.Rank != 4 || r.Rank != 2 || r[0] != p[0] || r[1] != p[3])
            Operands.Refuse(op, pictures, rows, "there must be pictures [N, rows, columns, channels] and a row for each of them");
    }

    /// <summary>The smaller pictures' columns, and the channels.</summary>
    internal readonly record struct Pooling(int Width, int Channels);

    /// <summary>Places in rows of numbers, the channels of all their pixels.</summary>
    internal readonly record struct Padding(int Top, int Left, int FromRows, int FromLength, int ToRows, int ToLength);

    /// <summary>Rows, columns and channels.</summary>
    internal readonly record struct Planes(int Height, int Width, int Channels)
    {
        /// <summary>Numbers of a picture.</summary>
        public int Length => Height * Width * Channels;
    }

    private static void UpsampleKernel(Index1D i, ArrayView<float> x, ArrayView<float> y, Pooling places)
    {
        int pixel = i / places.Channels, c = i - (pixel * places.Channels);
        int row = pixel / (2 * places.Width), column = pixel - (row * 2 * places.Width);
        y[i] = x[(((row / 2 * places.Width) + (column / 2)) * places.Channels) + c];
    }

    private static void SumPoolKernel(Index1D i, ArrayView<float> x, ArrayView<float> y, Pooling places)
    {
        int pixel = i / places.Channels, c = i - (pixel * places.Channels);
        int row = pixel / places.Width, column = pixel - (row * places.Width);
        int above = (((4 * row * places.Width) + (2 * column)) * places.Channels) + c;
        int below = above + (2 * places.Width * places.Channels);
        y[i] = (x[above] + x[above + places.Channels]) + (x[below] + x[below + places.Channels]);
    }

    private static void PadKernel(Index1D i, ArrayView<float> x, ArrayView<float> y, Padding places)
    {
        int row = i / places.ToLength, from = i - (row * places.ToLength) - places.Left;
        int picture = row / places.ToRows, fromRow = row - (picture * places.ToRows) - places.Top;
        float value = 0f;
        if (fromRow >= 0 && fromRow < places.FromRows && from >= 0 && from < places.FromLength)
            value = x[(((picture * places.FromRows) + fromRow) * places.FromLength) + from];
        y[i] = value;
    }

    private static void MoveKernel(
        Index1D i, ArrayView<float> x, ArrayView<float> draws, PixelMove move, ArrayView<float> y, Planes places)
    {
        int pixel = i / places.Channels, c = i - (pixel * places.Channels);
        int row = pixel / places.Width, column = pixel - (row * places.Width), n = row / places.Height;
        var way = move.Of(draws[3 * n], draws[(3 * n) + 1], draws[(3 * n) + 2]);
        int fromRow = way.RowOf(row - (n * places.Height)), from = way.ColumnOf(column, places.Width);
        float value = move.Outside;
        if (fromRow >= 0 && fromRow < places.Height && from >= 0 && from < places.Width)
            value = x[(((((n * places.Height) + fromRow) * places.Width) + from) * places.Channels) + c];
        y[i] = value;
    }

    private static void SumPixelsKernel(Index1D i, ArrayView<float> x, float scale, ArrayView<float> y, Planes places)
    {
        int picture = i / places.Channels, at = (picture * places.Length) + i - (picture * places.Channels);
        float sum = 0f;
        for (int row = 0; row < places.Height; row++)
        {
            float ofRow = 0f;
            for (int column = 0; column < places.Width; column++, at += places.Channels)
                ofRow += x[at];
            sum += ofRow;
        }
        y[i] = scale * sum;
    }

    private static void RepeatPixelsKernel(Index1D i, ArrayView<float> x, float scale, ArrayView<float> y, Planes places) =>
        y[i] = scale * x[(i / places.Length * places.Channels) + (i % places.Channels)];

    private readonly struct UpsampleJob(float* x, float* y, Pooling places) : IJob
    {
        public void Run(int from, int to)
        {
            int channels = places.Channels, length = 2 * places.Width * channels;
            for (int row = from; row < to; row++)
            {
                float* above = y + ((nint)row * 2 * length);
                for (int column = 0; column < places.Width; column++)
                {
                    var pixel = new ReadOnlySpan<float>(x + ((((nint)row * places.Width) + column) * channels), channels);
                    pixel.CopyTo(new Span<float>(above + (2 * column * channels), channels));
                    pixel.CopyTo(new Span<float>(above + (((2 * column) + 1) * channels), channels));
                }
                new ReadOnlySpan<float>(above, length).CopyTo(new Span<float>(above + length, length));
            }
        }
    }

    private readonly struct SumPoolJob(float* x, float* y, Pooling places) : IJob
    {
        public void Run(int from, int to)
        {
            int channels = places.Channels, length = 2 * places.Width * channels;
            for (int row = from; row < to; row++)
            {
                for (int column = 0; column < places.Width; column++)
                {
                    float* above = x + ((nint)row * 2 * length) + (2 * column * channels);
                    float* sum = y + ((((nint)row * places.Width) + column) * channels);
                    CpuLoop.Run(new SumPoolBody(above, above + length, channels, sum), 0, channels);
                }
            }
        }
    }

    private readonly struct SumPoolBody(float* above, float* below, int channels, float* y) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> =>
            V.Store(y + i, (V.Load(above + i) + V.Load(above + channels + i)) + (V.Load(below + i) + V.Load(below + channels + i)));
    }

    private readonly struct PadJob(float* x, float* y, Padding places) : IJob
    {
        public void Run(int from, int to)
        {
            int length = places.ToLength;
            int first = Math.Clamp(places.Left, 0, length), end = (int)Math.Clamp((long)places.Left + places.FromLength, first, length);
            for (int row = from; row < to; row++)
            {
                var target = new Span<float>(y + ((nint)row * length), length);
                int picture = row / places.ToRows, fromRow = row - (picture * places.ToRows) - places.Top;
                if (fromRow < 0 || fromRow >= places.FromRows)
                {
                    target.Clear();
                    continue;
                }
                float* source = x + ((((nint)picture * places.FromRows) + fromRow) * places.FromLength) - places.Left;
                target[..first].Clear();
                new ReadOnlySpan<float>(source + first, end - first).CopyTo(target[first..]);
                target[end..].Clear();
            }
        }
    }

    private readonly struct MoveJob(float* x, float* draws, PixelMove move, float* y, Planes places) : IJob
    {
        public void Run(int from, int to)
        {
            int length = places.Width * places.Channels;
            for (int n = from; n < to; n++)
            {
                var way = move.Of(draws[3 * n], draws[(3 * n) + 1], draws[(3 * n) + 2]);
                for (int i = 0; i < places.Height; i++)
                {
                    var row = new Span<float>(y + ((((nint)n * places.Height) + i) * length), length);
                    int fromRow = way.RowOf(i);
                    if (fromRow < 0 || fromRow >= places.Height)
                    {
                        row.Fill(move.Outside);
                        continue;
                    }
                    float* source = x + ((((nint)n * places.Height) + fromRow) * length);
                    for (int j = 0; j < places.Width; j++)
                    {
                        int column = way.ColumnOf(j, places.Width);
                        var pixel = row.Slice(j * places.Channels, places.Channels);
                        if (column < 0 || column >= places.Width)
                            pixel.Fill(move.Outside);
                        else
                            new ReadOnlySpan<float>(source + (column * places.Channels), places.Channels).CopyTo(pixel);
                    }
                }
            }
        }
    }

    private readonly struct SumJob(float* x, float scale, float* y, Planes places) : IJob
    {
        public void Run(int from, int to)
        {
            for (int n = from; n < to; n++)
                CpuLoop.Run(new SumBody(x + ((nint)n * places.Length), scale, y + ((nint)n * places.Channels), places), 0, places.Channels);
        }
    }

    private readonly struct SumBody(float* x, float scale, float* y, Planes places) : ILoopBody
    {
        public void At<V>(int i)
            where V : struct, IFloatLane<V>
        {
            V sum = V.Of(0f);
            float* at = x + i;
            for (int row = 0; row < places.Height; row++)
            {
                V ofRow = V.Of(0f);
                for (int column = 0; column < places.Width; column++, at += places.Channels)
                    ofRow += V.Load(at);
                sum += ofRow;
            }
            V.Store(y + i, V.Of(scale) * sum);
        }
    }

    private readonly struct RepeatJob(float* x, float scale, float* y, Planes places) : IJob
    {
        public void Run(int from, int to)
        {
            int channels = places.Channels;
            for (int n = from; n < to; n++)
            {
                float* row = x + ((nint)n * channels);
                var picture = new Span<float>(y + ((nint)n * places.Length), places.Length);
                for (int c = 0; c < Math.Min(channels, picture.Length); c++)
                    picture[c] = scale * row[c];
                for (int filled = channels; filled < picture.Length && filled > 0; filled *= 2)
                    picture[..Math.Min(filled, picture.Length - filled)].CopyTo(picture[filled..]);
            }
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The dense matrix product in the three forms that a layer needs: x·W, dy·Wᵀ and xᵀ·dy, with bias and activation in the same pass.
/// </summary>
/// <remarks>
/// Every element of the result is one chain of fused multiply-adds in the order of k, whatever the number of threads and the width of the vectors.
/// <code>
///              n: a panel of 48 columns      The panel's block of B is copied so that a step of k finds its 48 numbers side by side;
///            +-----------------------+       it stays in the cache while all rows of A pass over it. A is read where it lies.
///   k, 128   |   B, packed           |       The tile, 8 rows by 3 vectors, is kept in 24 registers over the whole block of k:
///   a block  |                       |       a step loads 3 vectors and 8 broadcast numbers for its 24 multiply-adds.
///            +-----------------------+       Machines with 16 registers of 8 floats have a tile of 4 rows by 3 vectors and panels of 24.
///    k       +-----------------------+
///  +----+    | C: a tile of 8 rows   |       A unit of work is one tile row of one panel; a thread has a contiguous range of units
///  | A  | 8  |                       |       and packs the panels that it meets. When the last block of k is done, the tile gets its
///  +----+    +-----------------------+       bias and activation while it is still in the first-level cache.
/// </code>
/// </remarks>
public static unsafe class MatMul
{
    private const int DepthBlock = 128; // of k: 24 KiB of packed B, half a first-level cache
    private const int WidestPanel = 48; // columns

    /// <summary>y[M,N] = a·b, where a is [M,K], or [K,M] if transposed, and b is [K,N], or [N,K] if transposed.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Run(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y) =>
        Launch(a, transposeA, b, transposeB, null, default(Identity), y);

    /// <summary>y[N,O] = f(x[N,I]·w[I,O] + bias[O]): a whole dense layer.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Linear<F>(Tensor x, Tensor w, Tensor bias, F activation, Tensor y)
        where F : struct, IActivation
    {
        Host.RowOf("Linear", w, bias);
        Launch(x, false, w, false, bias, activation, y);
    }

    /// <summary>The shape of a·b.</summary>
    /// <exception cref="ArgumentException">The inner extents differ, or an operand is not a matrix.</exception>
    public static Shape ResultShape(Shape a, bool transposeA, Shape b, bool transposeB)
    {
        if (a.Rank != 2 || b.Rank != 2)
            throw new ArgumentException($"MatMul: {a} x {b}: both must be matrices; reshape the other ranks first");
        int depth = a[transposeA ? 0 : 1], other = b[transposeB ? 1 : 0];
        if (depth != other)
        {
            throw new ArgumentException(
                $"MatMul: {a}{(transposeA ? "ᵀ" : "")} x {b}{(transposeB ? "ᵀ" : "")}: {depth} columns meet {other} rows; transpose one side?");
        }
        return new Shape(a[transposeA ? 1 : 0], b[transposeB ? 0 : 1]);
    }

    private static void Launch<F>(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor? bias, F activation, Tensor y)
        where F : struct, IActivation
    {
        Shape shape = ResultShape(a.Shape, transposeA, b.Shape, transposeB);
        if (y.Shape != shape)
            throw new ArgumentException($"MatMul: the result of {a.Shape} x {b.Shape} is {shape}, not {y.Shape}");
        if (y.Device is not CpuDevice device)
            MatMulKernels.Launch(a, transposeA, b, transposeB, bias, activation, y);
        else if (Vector512.IsHardwareAccelerated)
            Run<Wide512, Eight, F>(device, a, transposeA, b, transposeB, bias, activation, y);
        else if (Vector256.IsHardwareAccelerated)
            Run<Wide256, Four, F>(device, a, transposeA, b, transposeB, bias, activation, y);
        else
            Run<Wide128, Four, F>(device, a, transposeA, b, transposeB, bias, activation, y);
    }

    private static void Run<V, H, F>(CpuDevice device, Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor? bias, F activation, Tensor y)
        where V : struct, IVector<V>
        where H : struct, INumber
        where F : struct, IActivation
    {
        int m = y.Shape[0], n = y.Shape[1], depth = a.Shape[transposeA ? 0 : 1];
        if (m == 0 || n == 0)
            return;
        var job = new Job<V, H, F>
        {
            A = a.Pointer(),
            ARow = transposeA ? 1 : depth,
            AStep = transposeA ? m : 1,
            B = b.Pointer(),
            BTransposed = transposeB,
            BStride = transposeB ? depth : n,
            Y = y.Pointer(),
            Bias = bias is null ? null : bias.Pointer(),
            Activation = activation,
            Rows = m,
            Columns = n,
            Depth = depth,
        };
        const int WorthAThread = 1 << 17; // multiply-adds: some two microseconds
        long perUnit = (long)H.Value * Math.Min(n, job.PanelWidth) * Math.Max(1, depth);
        device.Run(ref job, job.Panels * job.RowBlocks, (int)(WorthAThread / perUnit) + 1);
    }

    private struct Job<V, H, F> : IJob
        where V : struct, IVector<V>
        where H : struct, INumber
        where F : struct, IActivation
    {
        public float* A, B, Y, Bias;
        public nint ARow, AStep, BStride; // in floats: from row to row of A, from k to k+1 of A, from row to row of B as stored
        public bool BTransposed;
        public int Rows, Columns, Depth;
        public F Activation;

        public readonly string Name =>
            $"MatMul {(ARow == 1 ? "xᵀ·dy" : BTransposed ? "dy·Wᵀ" : "x·W")} {Rows}x{Columns}x{Depth} {(typeof(F) == typeof(Identity) ? "" : typeof(F).Name)}".TrimEnd();

        public readonly int PanelWidth => 3 * V.Width;

        public readonly int Panels => (Columns + PanelWidth - 1) / PanelWidth;

        public readonly int RowBlocks => (Rows + H.Value - 1) / H.Value;

        public readonly void Run(int from, int to)
        {
            byte* memory = stackalloc byte[(DepthBlock * WidestPanel * sizeof(float)) + 64];
            float* packed = (float*)(((nint)memory + 63) & ~63);
            while (from < to)
            {
                int panel = from / RowBlocks;
                int first = from - (panel * RowBlocks), end = Math.Min(RowBlocks, first + (to - from));
                DoPanel(panel * PanelWidth, first * H.Value, Math.Min(Rows, end * H.Value), packed);
                from += end - first;
            }
        }

        private readonly void DoPanel(int column, int row, int endRow, float* packed)
        {
            int width = Math.Min(PanelWidth, Columns - column);
            int vectors = (width + V.Width - 1) / V.Width;
            for (int k = 0; k == 0 || k < Depth; k += DepthBlock)
            {
                int depth = Math.Min(DepthBlock, Depth - k);
                if (BTransposed)
                    Packing.Transposed(B + (column * BStride) + k, BStride, depth, width, vectors * V.Width, packed);
                else
                    Packing.Plain(B + (k * BStride) + column, BStride, depth, width, vectors * V.Width, packed);
                bool last = k + DepthBlock >= Depth;
                if (vectors == 3)
                    DoRows<Three>(column, width, row, endRow, k, depth, last, packed);
                else if (vectors == 2)
                    DoRows<Two>(column, width, row, endRow, k, depth, last, packed);
                else
                    DoRows<One>(column, width, row, endRow, k, depth, last, packed);
            }
        }

        private readonly void DoRows<W>(int column, int width, int row, int endRow, int k, int depth, bool last, float* packed)
            where W : struct, INumber
        {
            for (; row <= endRow - H.Value; row += H.Value)
                DoTile<H, W>(column, width, row, k, depth, last, packed);
            if (H.Value > 4 && row <= endRow - 4)
            {
                DoTile<Four, W>(column, width, row, k, depth, last, packed);
                row += 4;
            }
            for (; row < endRow; row++)
                DoTile<One, W>(column, width, row, k, depth, last, packed);
        }

        private readonly void DoTile<R, W>(int column, int width, int row, int k, int depth, bool last, float* packed)
            where R : struct, INumber
            where W : struct, INumber
        {
            float* a = A + (row * ARow) + (k * AStep);
            float* y = Y + ((nint)row * Columns) + column;
            if (width == W.Value * V.Width)
            {
                Tile<V, R, W>(depth, a, ARow, AStep, packed, y, Columns, k > 0);
            }
            else // the right edge: through a tile of its own, whose surplus columns are zeros and stay there
            {
                float* edge = stackalloc float[8 * WidestPanel];
                if (k > 0)
                {
                    new Span<float>(edge, R.Value * W.Value * V.Width).Clear();
                    Copy(y, Columns, edge, W.Value * V.Width, R.Value, width);
                }
                Tile<V, R, W>(depth, a, ARow, AStep, packed, edge, W.Value * V.Width, k > 0);
                Copy(edge, W.Value * V.Width, y, Columns, R.Value, width);
            }
            if (last && (Bias is not null || typeof(F) != typeof(Identity)))
            {
                for (int r = 0; r < R.Value; r++)
                    Host.Loop(new Epilogue<F>(Activation, Bias is null ? null : Bias + column, y + ((nint)r * Columns)), 0, width);
            }
        }

        private static void Copy(float* from, nint fromStride, float* to, nint toStride, int rows, int columns)
        {
            for (int r = 0; r < rows; r++)
                new ReadOnlySpan<float>(from + (r * fromStride), columns).CopyTo(new Span<float>(to + (r * toStride), columns));
        }
    }

    private readonly struct Epilogue<F>(F f, float* bias, float* y) : IBody
        where F : struct, IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> =>
            V.Store(y + i, f.Forward(bias is null ? V.Load(y + i) : V.Load(y + i) + V.Load(bias + i)));
    }

    /// <summary>
    /// c[r, 0..W) (+)= Σₖ a[r,k] · b[k, 0..W) for R rows and W vectors. R and W are constants to the compiler: what a smaller tile has no use for
    /// is not there in its machine code.
    /// </summary>
    private static void Tile<V, R, W>(int depth, float* a, nint row, nint step, float* b, float* c, nint cRow, bool onto)
        where V : struct, IVector<V>
        where R : struct, INumber
        where W : struct, INumber
    {
        V c00 = V.Zero, c01 = V.Zero, c02 = V.Zero, c10 = V.Zero, c11 = V.Zero, c12 = V.Zero;
        V c20 = V.Zero, c21 = V.Zero, c22 = V.Zero, c30 = V.Zero, c31 = V.Zero, c32 = V.Zero;
        V c40 = V.Zero, c41 = V.Zero, c42 = V.Zero, c50 = V.Zero, c51 = V.Zero, c52 = V.Zero;
        V c60 = V.Zero, c61 = V.Zero, c62 = V.Zero, c70 = V.Zero, c71 = V.Zero, c72 = V.Zero;
        if (onto)
        {
            LoadRow<V, W>(c, ref c00, ref c01, ref c02);
            if (R.Value >= 4)
            {
                LoadRow<V, W>(c + cRow, ref c10, ref c11, ref c12);
                LoadRow<V, W>(c + (2 * cRow), ref c20, ref c21, ref c22);
                LoadRow<V, W>(c + (3 * cRow), ref c30, ref c31, ref c32);
            }
            if (R.Value == 8)
            {
                LoadRow<V, W>(c + (4 * cRow), ref c40, ref c41, ref c42);
                LoadRow<V, W>(c + (5 * cRow), ref c50, ref c51, ref c52);
                LoadRow<V, W>(c + (6 * cRow), ref c60, ref c61, ref c62);
                LoadRow<V, W>(c + (7 * cRow), ref c70, ref c71, ref c72);
            }
        }
        nint row3 = 3 * row;
        float* a4 = a + (4 * row);
        for (; depth > 0; depth--)
        {
            V b0 = V.Load(b), b1 = V.Zero, b2 = V.Zero;
            if (W.Value >= 2)
                b1 = V.Load(b + V.Width);
            if (W.Value == 3)
                b2 = V.Load(b + (2 * V.Width));
            Step<V, W>(*a, b0, b1, b2, ref c00, ref c01, ref c02);
            if (R.Value >= 4)
            {
                Step<V, W>(a[row], b0, b1, b2, ref c10, ref c11, ref c12);
                Step<V, W>(a[2 * row], b0, b1, b2, ref c20, ref c21, ref c22);
                Step<V, W>(a[row3], b0, b1, b2, ref c30, ref c31, ref c32);
            }
            if (R.Value == 8)
            {
                Step<V, W>(*a4, b0, b1, b2, ref c40, ref c41, ref c42);
                Step<V, W>(a4[row], b0, b1, b2, ref c50, ref c51, ref c52);
                Step<V, W>(a4[2 * row], b0, b1, b2, ref c60, ref c61, ref c62);
                Step<V, W>(a4[row3], b0, b1, b2, ref c70, ref c71, ref c72);
                a4 += step;
            }
            a += step;
            b += W.Value * V.Width;
        }
        StoreRow<V, W>(c, c00, c01, c02);
        if (R.Value >= 4)
        {
            StoreRow<V, W>(c + cRow, c10, c11, c12);
            StoreRow<V, W>(c + (2 * cRow), c20, c21, c22);
            StoreRow<V, W>(c + (3 * cRow), c30, c31, c32);
        }
        if (R.Value == 8)
        {
            StoreRow<V, W>(c + (4 * cRow), c40, c41, c42);
            StoreRow<V, W>(c + (5 * cRow), c50, c51, c52);
            StoreRow<V, W>(c + (6 * cRow), c60, c61, c62);
            StoreRow<V, W>(c + (7 * cRow), c70, c71, c72);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<V, W>(float a, V b0, V b1, V b2, ref V c0, ref V c1, ref V c2)
        where V : struct, IVector<V>
        where W : struct, INumber
    {
        V x = V.Of(a);
        c0 = V.MultiplyAdd(x, b0, c0);
        if (W.Value >= 2)
            c1 = V.MultiplyAdd(x, b1, c1);
        if (W.Value == 3)
            c2 = V.MultiplyAdd(x, b2, c2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadRow<V, W>(float* c, ref V c0, ref V c1, ref V c2)
        where V : struct, IVector<V>
        where W : struct, INumber
    {
        c0 = V.Load(c);
        if (W.Value >= 2)
            c1 = V.Load(c + V.Width);
        if (W.Value == 3)
            c2 = V.Load(c + (2 * V.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<V, W>(float* c, V c0, V c1, V c2)
        where V : struct, IVector<V>
        where W : struct, INumber
    {
        V.Store(c, c0);
        if (W.Value >= 2)
            V.Store(c + V.Width, c1);
        if (W.Value == 3)
            V.Store(c + (2 * V.Width), c2);
    }
}

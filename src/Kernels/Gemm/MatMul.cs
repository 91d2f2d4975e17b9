using System.Runtime.Intrinsics;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The dense matrix product in the three forms that a layer needs: x·W, dy·Wᵀ and xᵀ·dy, with bias and activation in the same pass.
/// </summary>
/// <remarks>
/// Every element of the result is one chain of fused multiply-adds in the order of k, whatever the number of threads and the width of the vectors.
/// <code>
///                n: panels of 48 columns        A tile of C, 8 rows by 3 vectors, is kept in 24 registers over a whole block of k:
///              +------+------+------+---        a step loads 3 vectors of B and 8 numbers of A for its 24 multiply-adds.
///   k,         | B,   |      |      |           (Where registers have 8 floats: tiles of 4 rows by 3 vectors, panels of 24.)
///   a block    | panel|      |      |
///              +------+------+------+---        DOWN, for x·W and dy·Wᵀ. A thread has columns of y, and goes down the rows of A with a panel of B: a
///      k       +------+------+------+---        copy, the 48 numbers of a step side by side. While tiles are computed the next panel is copied, of Wᵀ
///   +------+   | tile |      |      |           in squares of four by four. Rows of A are read where they lie; for xᵀ·dy of many samples they are strips
///   | A,   | 8 +------+                         of x, copied once for all panels.
///   | strip|   | tile |        C
///   +------+   +------+                         GRADIENT, for xᵀ·dy of some samples. A thread has rows of C, and goes across the panels with a strip of
///   |      | 8 | ...                            xᵀ; both x and dy are small, and mostly read where they lie. Finished strips go to memory, or to an
///   +------+   |                                optimiser.
/// </code>
/// </remarks>
public static unsafe partial class MatMul
{
    private const int WidestPanel = 48;             // columns
    private const int BlockDepth = 512;              // of k: two panels of 48 columns are 192 KiB, a fifth of a second-level cache
    private const int BlockFloats = 160 * 1024;     // of A going down, of copied B otherwise: 640 KiB, within a second-level cache
    private const int MaxFusedRows = 256;     // of x in all: with more, x and dy don't stay in the caches, least of all beside an optimiser's numbers
    private const int SetsOfFirst = 64;             // of a first-level cache, and of a second-level one
    private const int SetsOfSecond = 1024;
    private const int MostWays = 8;                 // of 8 to 16 that a set has
    private const int Page = 4096;                  // bytes: lines so far apart fall on one set of a first-level cache, and none is fetched ahead
    private const int RowGranule = 8;               // rows that a thread has at least: the largest tile
    private const int RowsOfAThread = 128;          // with so many it pays that each thread copies all panels, and reads no other thread's rows
    private const int VectorsOfAThread = 6;         // two panels: with fewer, tiles are divided, and panels copied by several threads
    private const int MostPanelsOfStrip = 26;       // a strip of the gradient is at most 39 KiB
    private const int WorthAThread = 1 << 19;       // multiply-adds: some five microseconds

    /// <summary>y[M,N] = a·b, where a is [M,K], or [K,M] if transposed, and b is [K,N], or [N,K] if transposed.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Run(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y) =>
        Launch(new GemmCall<Identity>(a, transposeA, b, transposeB, y));

    /// <summary>y += a·b, each element's chain going on from what is there.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Accumulate(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y) =>
        Launch(new GemmCall<Identity>(a, transposeA, b, transposeB, y) { Accumulate = true });

    /// <summary>dz[N,I] = f'(y)·(dy[N,O]·w[I,O]ᵀ), where y[N,I] is what an activation put out: a layer's gradient, and on through the one before it.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Backward<F>(Tensor dy, Tensor w, F activation, Tensor y, Tensor dz)
        where F : struct, IActivation
    {
        Operands.SameShape("MatMul", y, dz);
        Launch(new GemmCall<F>(dy, false, w, true, dz) { Activation = activation, Activated = y });
    }

    /// <summary>y[N,O] = f(x[N,I]·w[I,O] + bias[O]): a whole dense layer.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Linear<F>(Tensor x, Tensor w, Tensor bias, F activation, Tensor y)
        where F : struct, IActivation
    {
        Operands.RowOf("Linear", w, bias);
        Launch(new GemmCall<F>(x, false, w, false, y) { Bias = bias, Activation = activation });
    }

    /// <summary>
    /// Whether <see cref="AdamStep"/> takes a gradient xᵀ·dy, and another's share, that aren't made: on the processor, of one or two shares with not too
    /// many rows.
    /// </summary>
    public static bool CanFuse(Tensor x, DeferredWeightGradient? other = null) =>
        x.Device is CpuDevice && other?.More is null && x.Shape.Rows + (other?.X.Shape.Rows ?? 0) <= MaxFusedRows;

    /// <summary>Updates a weight by a gradient of which only a few rows are there at a time. The numbers are the same as if it was made first.</summary>
    internal static void FusedAdam(AdamSlot slot, AdamNumbers numbers, float* fault)
    {
        var (x, dy, more) = slot.Product!;
        var update = new AdamEpilogue(slot.Value.Pointer(), slot.Mean.Pointer(), slot.Square.Pointer(), numbers, fault);
        Launch(new GemmCall<Identity>(x, true, dy, false, slot.Value) { More = more, Update = update });
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

    /// <summary>What is asked for: y = f(a·b + bias), or, with what an activation put out, f'(activated) times the product.</summary>
    private readonly record struct GemmCall<F>(Tensor A, bool TransposeA, Tensor B, bool TransposeB, Tensor Y)
        where F : struct, IActivation
    {
        public Tensor? Bias { get; init; }

        public F Activation { get; init; }

        public Tensor? Activated { get; init; }

        /// <summary>Whether it is added to what is in y.</summary>
        public bool Accumulate { get; init; }

        /// <summary>What takes the product, a gradient, in place of y, which is the weight.</summary>
        public AdamEpilogue Update { get; init; }

        /// <summary>What is added to that gradient.</summary>
        public DeferredWeightGradient? More { get; init; }
    }

    private static void Launch<F>(GemmCall<F> of)
        where F : struct, IActivation
    {
        Shape shape = ResultShape(of.A.Shape, of.TransposeA, of.B.Shape, of.TransposeB);
        if (of.Y.Shape != shape)
            throw new ArgumentException($"MatMul: the result of {of.A.Shape} x {of.B.Shape} is {shape}, not {of.Y.Shape}");
        if (of.Y.Device is not CpuDevice device)
            MatMulKernels.Launch(of.A, of.TransposeA, of.B, of.TransposeB, of.Bias, of.Activation, of.Activated, of.Accumulate, of.Y);
        else if (Vector512.IsHardwareAccelerated)
            Run<Wide512, Eight, F>(device, of);
        else if (Vector256.IsHardwareAccelerated)
            Run<Wide256, Four, F>(device, of);
        else
            Run<Wide128, Four, F>(device, of);
    }

    private static void Run<V, H, F>(CpuDevice device, GemmCall<F> of)
        where V : struct, IVector<V>
        where H : struct, IConstant
        where F : struct, IActivation
    {
        int m = of.Y.Shape[0], n = of.Y.Shape[1], depth = of.A.Shape[of.TransposeA ? 0 : 1];
        if (m == 0 || n == 0)
            return;
        var product = new GemmProblem<V, H, F>
        {
            A = of.A.Pointer(),
            ARow = of.TransposeA ? 1 : depth,
            AStep = of.TransposeA ? m : 1,
            B = of.B.Pointer(),
            BTransposed = of.TransposeB,
            BStride = of.TransposeB ? depth : n,
            Y = of.Y.Pointer(),
            YStride = n,
            Bias = of.Bias is null ? null : of.Bias.Pointer(),
            Activated = of.Activated is null ? null : of.Activated.Pointer(),
            Accumulate = of.Accumulate,
            Activation = of.Activation,
            Rows = m,
            Columns = n,
            Depth = depth,
        };
        if (of.Update.Is)
        {
            var more = of.More is null ? default : product with { A = of.More.X.Pointer(), B = of.More.Dy.Pointer(), Depth = of.More.X.Shape.Rows };
            WeightGradient(device, product, more, of.Update);
            return;
        }
        if (n == 1 && of.Bias is null && typeof(F) == typeof(Identity))
            product = product.ColumnAsRow();
        if (product.AStep != 1 && product.Depth <= MaxFusedRows)
            WeightGradient(device, product);
        else
            BlockPanel(device, product);
    }

    /// <summary>Rows of A as they lie; or strips of its columns, of which each thread copies its own.</summary>
    private static void BlockPanel<V, H, F>(CpuDevice device, GemmProblem<V, H, F> product)
        where V : struct, IVector<V>
        where H : struct, IConstant
        where F : struct, IActivation
    {
        bool copied = product.AStep != 1;
        float* memory = copied ? device.Scratch(BlockFloats) : null;
        bool byRows = copied || product.Rows >= RowsOfAThread * device.Threads;
        foreach (var (row, rows) in new Blocks(product.Rows, product.RowsOfBlock * (byRows ? device.Threads : 1), RowGranule))
        {
            foreach (var (k, depth) in new Blocks(product.Depth, copied ? BlockDepth : Math.Max(1, product.Depth)))
            {
                var unit = byRows ? BlockPanelUnit.Strip
                    : device.Threads == 1 || product.Vectors >= VectorsOfAThread * device.Threads ? BlockPanelUnit.Vector
                    : BlockPanelUnit.Tile;
                var job = new BlockPanelJob<V, H, F> { P = product.Block(k, depth), Row = row, Rows = rows, Unit = unit, Memory = memory };
                int tiles = product.TilesWorthAThread(depth);
                if (unit == BlockPanelUnit.Strip)
                    device.Run(ref job, job.Strips, (tiles / product.Panels) + 1);
                else if (unit == BlockPanelUnit.Vector)
                    device.Run(ref job, product.Vectors, (3 * tiles / job.Strips) + 1);
                else
                    device.Run(ref job, product.Panels * job.Strips, tiles);
            }
        }
    }

    /// <summary>Columns of A as rows: the gradient of weights, stored or taken by an optimiser at once.</summary>
    private static void WeightGradient<V, H, F>(CpuDevice device, GemmProblem<V, H, F> product, GemmProblem<V, H, F> more = default, AdamEpilogue update = default)
        where V : struct, IVector<V>
        where H : struct, IConstant
        where F : struct, IActivation
    {
        float* memory = device.Scratch(WeightGradientJob<V, H, F>.Floats);
        // A tile of 4 rows reads twice as much as one of 8, more than the second-level cache gives; few rows don't repay a copy.
        bool often = H.Value < 8 && product.Rows >= RowsOfAThread;
        int both = product.Depth + more.Depth;
        bool inPlace = !product.BTransposed && product.Columns % V.Width == 0 && !Crowds(both, product.BStride, often ? SetsOfFirst : SetsOfSecond);
        int most = Math.Min(MostPanelsOfStrip, BlockFloats / Math.Max(1, both) / product.PanelWidth);
        foreach (var (panel, panels) in new Blocks(product.Panels, most))
        {
            var job = new WeightGradientJob<V, H, F>
            {
                P = product,
                More = more,
                Update = update,
                Memory = memory,
                Panel = panel,
                Panels = panels,
                AInPlace = !Crowds(both, product.AStep, SetsOfSecond) && !(often && product.AStep * sizeof(float) % Page == 0),
                BInPlace = inPlace,
            };
            device.Run(ref job, product.Granules, product.GranulesWorthAThread(both, panels));
        }
    }

    /// <summary>
    /// Whether so many lines, so far apart in floats, fall on so few of a cache's sets that they drive each other out: read more than once, they had better be
    /// copied.
    /// </summary>
    private static bool Crowds(int lines, nint stride, int sets)
    {
        const int Line = Prefetch.CacheLine * sizeof(float);
        long between = Math.Max(Line, (stride * sizeof(float)) & -(stride * sizeof(float))); // the greatest power of two in it
        return lines > MostWays * Math.Max(1, sets * Line / between);
    }

    /// <summary>So many things in as few blocks as can be, all about as large and but for the last a multiple of a granule. Of nothing there is one empty block.</summary>
    private struct Blocks(int count, int most, int granule = 1)
    {
        private int _from = -1;

        public int Size { get; } = Math.Max(1, RoundUp((count + Ceiling(count, most) - 1) / Ceiling(count, most), granule));

        public readonly (int From, int Count) Current => (_from, Math.Min(Size, count - _from));

        public bool MoveNext()
        {
            _from = _from < 0 ? 0 : _from + Size;
            return _from == 0 || _from < count;
        }

        public readonly Blocks GetEnumerator() => this;

        private static int Ceiling(int count, int most) => Math.Max(1, (count + most - 1) / most);

        private static int RoundUp(int count, int granule) => (count + granule - 1) / granule * granule;
    }
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order that multiplies a strip of xᵀ by all panels of dy before the next strip, for weight gradients xᵀ·dy of few samples.
/// </summary>
internal static unsafe class WeightGradientOrder
{
    /// <summary>
    /// Most samples of all shares: with more, x and dy don't stay in the caches, least of all beside an optimiser's numbers.
    /// </summary>
    public const int MaxSamples = 256;

    /// <summary>Most panels that a strip passes: it is at most 39 KiB.</summary>
    public const int MaxPanels = 26;

    private const int Page = 4096;          // bytes: lines so far apart are in one set of a first-level cache, and hardware prefetches none
    private const int MinRowsForCopy = 128;

    /// <summary>Runs a product, and the second share that is added to it; the epilogue may consume the rows.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The product.</param>
    /// <param name="more">A second share, which only an epilogue that consumes takes; of depth 0 if there is none.</param>
    /// <param name="epilogue">The epilogue.</param>
    public static void Run<V, H, E>(CpuDevice device, GemmProblem<V, H> problem, GemmProblem<V, H> more, E epilogue)
        where V : struct, IVector<V>
        where H : struct, IConstant
        where E : struct, IEpilogue
    {
        float* memory = device.Scratch(WeightGradientJob<V, H, E>.Floats);
        // A tile of 4 rows reads twice as much as one of 8, more than the second-level cache gives; few rows don't repay a copy.
        bool often = H.Value < 8 && problem.Rows >= MinRowsForCopy;
        int both = problem.Depth + more.Depth;
        bool inPlace = !problem.BTransposed && problem.Columns % V.Width == 0
            && !Blocking.Conflicts(both, problem.BStride, often ? Blocking.FirstLevelSets : Blocking.SecondLevelSets);
        int most = Math.Min(MaxPanels, Blocking.BlockFloats / Math.Max(1, both) / problem.PanelWidth);
        foreach (var (panel, panels) in new Blocks(problem.Panels, most))
        {
            var job = new WeightGradientJob<V, H, E>
            {
                P = problem,
                More = more,
                Epilogue = epilogue,
                Memory = memory,
                Panel = panel,
                Panels = panels,
                AInPlace = !Blocking.Conflicts(both, problem.AStep, Blocking.SecondLevelSets)
                    && !(often && problem.AStep * sizeof(float) % Page == 0),
                BInPlace = inPlace,
            };
            device.Run(ref job, problem.Granules, problem.MinGranules(both, panels));
        }
    }
}

/// <summary>
/// A block of panels. A unit is a strip of 8 rows, which passes all panels. What is read, a batch of activations and one of gradients, is
/// small, and read in place; packed are strips and panels whose rows conflict in a cache, and those that don't fill a tile.
/// </summary>
internal unsafe struct WeightGradientJob<V, H, E> : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
    where E : struct, IEpilogue
{
    private const int TileFloats = 8 * WeightGradientOrder.MaxPanels * Blocking.MaxPanelColumns;
    private const int StripFloats = 8 * WeightGradientOrder.MaxSamples;

    /// <summary>Floats of <see cref="Memory"/> for each thread.</summary>
    public const int Floats = Blocking.BlockFloats + TileFloats + StripFloats;

    public GemmProblem<V, H> P;
    public GemmProblem<V, H> More; // added to P; of depth 0 if there is none
    public E Epilogue;
    public float* Memory;
    public int Panel, Panels;
    public bool AInPlace, BInPlace;

    /// <inheritdoc/>
    public readonly string Name => (P with { Depth = P.Depth + More.Depth }).Describe(E.Name);

    private static bool Consumes => E.Kind == EpilogueKind.Consume;

    private readonly int Column => P.ColumnOf(Panel);

    private readonly int Columns => P.ColumnOf(Panel + Panels) - Column;

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        float* packed = Memory + ((nint)CpuDevice.ThisThread * Floats), tiles = packed + Blocking.BlockFloats;
        var b = PanelsOf(P, ref packed);
        var more = More.Depth > 0 ? PanelsOf(More, ref packed) : default;
        int end = Math.Min(P.Rows, to * Blocking.RowGranule);
        for (int row = from * Blocking.RowGranule; row < end; row += H.Value)
        {
            if (H.Value > 4 && end - row <= 4)
                RunRows<Four>(row, b, more, tiles);
            else
                RunRows<H>(row, b, more, tiles);
        }
        P.Finish(Epilogue, from * Blocking.RowGranule, end, Column, Column + Columns);
    }

    /// <summary>Returns the panels of B, in place or packed.</summary>
    private readonly BPanel PanelsOf(GemmProblem<V, H> p, ref float* packed)
    {
        if (BInPlace)
            return new() { At = p.B + Column, Step = p.BStride, Next = p.PanelWidth };
        var b = new BPanel { At = packed, Step = p.PanelWidth, Next = (nint)p.Depth * p.PanelWidth };
        for (int panel = Panel; panel < Panel + Panels; panel++)
            p.PackPanel(panel, 0, p.Depth, packed + ((nint)p.Depth * (p.ColumnOf(panel) - Column)));
        packed += b.Next * Panels;
        return b;
    }

    private readonly void RunRows<R>(int row, BPanel b, BPanel more, float* tiles)
        where R : struct, IConstant
    {
        nint at = (row * P.YStride) + Column, stride = Panels * P.PanelWidth;
        float* copy = tiles + TileFloats;
        var next = NextStrips<R>(P, row);
        if (!Consumes)
        {
            RunStrip<R>(P, row, b, copy, P.Y + at, P.YStride, P.Accumulate, ref next);
            return;
        }
        int rows = Math.Min(R.Value, P.Rows - row);
        int pieces = Panels * (Prefetch.Pieces(P.Depth) + Prefetch.Pieces(More.Depth));
        var prefetch = Epilogue.PrefetchRows(at, P.YStride, rows, Columns, pieces);
        RunStrip<R>(P, row, b, copy, tiles, stride, accumulate: false, ref prefetch);
        if (More.Depth > 0)
            RunStrip<R>(More, row, more, copy, tiles, stride, accumulate: true, ref prefetch);
        var nextMore = NextStrips<R>(More, row);
        for (int r = 0; r < rows; r++, at += P.YStride, tiles += stride)
        {
            Epilogue.Finish(tiles, at, Column, Columns);
            next.Fetch((P.Depth / 3 / R.Value) + 1);
            nextMore.Fetch((More.Depth / 3 / R.Value) + 1);
        }
    }

    /// <summary>
    /// Returns the prefetch of A's lines for the next strips, to be run with the last strip that has numbers of the lines before.
    /// </summary>
    private readonly Prefetch NextStrips<R>(GemmProblem<V, H> p, int row)
        where R : struct, IConstant
    {
        row += R.Value;
        bool some = row % Prefetch.CacheLine == 0 && row < p.Rows;
        return new() { At = p.A + row, Second = p.AStep, Third = 2 * p.AStep, Advance = 3 * p.AStep, Left = some ? (p.Depth + 2) / 3 : 0 };
    }

    private readonly void RunStrip<R>(
        GemmProblem<V, H> p, int row, BPanel b, float* copy, float* to, nint stride, bool accumulate, ref Prefetch prefetch)
        where R : struct, IConstant
    {
        bool fits = row + R.Value <= p.Rows;
        var strip = AInPlace && fits ? new() { At = p.A + row, Row = 1, Step = p.AStep } : p.PackStrip<R>(row, 0, p.Depth, copy);
        int whole = Consumes || fits ? Math.Clamp(p.WholePanels - Panel, 0, Panels) : 0; // a buffer has room for rows past the last one
        if (whole > 0)
        {
            var c = new CTile { At = to, Row = stride, Next = p.PanelWidth };
            MicroKernel.Run<V, R, Three, Prefetch>(whole, p.Depth, strip, b, c, accumulate, ref prefetch);
        }
        for (int panel = Panel + whole; panel < Panel + Panels; panel++)
        {
            int vectors = p.VectorsOf(panel);
            if (vectors == 3)
                RunTile<R, Three>(p, panel, strip, row, b, to, stride, accumulate, ref prefetch);
            else if (vectors == 2)
                RunTile<R, Two>(p, panel, strip, row, b, to, stride, accumulate, ref prefetch);
            else
                RunTile<R, One>(p, panel, strip, row, b, to, stride, accumulate, ref prefetch);
        }
    }

    private readonly void RunTile<R, W>(
        GemmProblem<V, H> p, int panel, AStrip strip, int row, BPanel b, float* to, nint stride, bool accumulate, ref Prefetch prefetch)
        where R : struct, IConstant
        where W : struct, IConstant
    {
        int from = p.ColumnOf(panel) - Column, width = W.Value * V.Width;
        b = BInPlace ? b with { At = b.At + from } : new() { At = b.At + ((nint)p.Depth * from), Step = width };
        if (Consumes || (row + R.Value <= p.Rows && p.ColumnOf(panel) + width <= p.Columns))
            MicroKernel.Run<V, R, W, Prefetch>(1, p.Depth, strip, b, new() { At = to + from, Row = stride }, accumulate, ref prefetch);
        else
            p.Edge<R, W>(strip, b, row, p.ColumnOf(panel), p.Depth, accumulate);
    }
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order that multiplies all rows of A by a packed panel of B before the next panel, for x·W and dy·Wᵀ; and, with packed strips of A,
/// for xᵀ·dy of many samples.
/// </summary>
internal static unsafe class BlockPanelOrder
{
    private const int MinRowsOfThread = 128;  // then each thread packs all panels itself, and reads no other thread's rows
    private const int MinVectorsOfThread = 6; // two panels; with fewer, threads divide tiles, and several pack a panel

    /// <summary>Runs a product, block by block of rows and, where strips are packed, of k.</summary>
    public static void Run<V, H, E>(CpuDevice device, GemmProblem<V, H> problem, E epilogue)
        where V : struct, IVector<V>
        where H : struct, IConstant
        where E : struct, IEpilogue
    {
        bool packed = problem.AStep != 1;
        float* memory = packed ? device.Scratch(Blocking.BlockFloats) : null;
        bool byRows = packed || problem.Rows >= MinRowsOfThread * device.Threads;
        foreach (var (row, rows) in new Blocks(problem.Rows, problem.RowsOfBlock * (byRows ? device.Threads : 1), Blocking.RowGranule))
        {
            foreach (var (k, depth) in new Blocks(problem.Depth, packed ? Blocking.MaxDepth : Math.Max(1, problem.Depth)))
            {
                var unit = byRows ? BlockPanelUnit.Strip
                    : device.Threads == 1 || problem.Vectors >= MinVectorsOfThread * device.Threads ? BlockPanelUnit.Vector
                    : BlockPanelUnit.Tile;
                var job = new BlockPanelJob<V, H, E>
                {
                    Panels = new() { P = problem.Block(k, depth), Row = row, Rows = rows },
                    Epilogue = epilogue,
                    IsLast = k + depth == problem.Depth,
                    Unit = unit,
                    Memory = memory,
                };
                int tiles = problem.MinTiles(depth), strips = job.Panels.Strips;
                if (unit == BlockPanelUnit.Strip)
                    device.Run(ref job, strips, (tiles / problem.Panels) + 1);
                else if (unit == BlockPanelUnit.Vector)
                    device.Run(ref job, problem.Vectors, (3 * tiles / strips) + 1);
                else
                    device.Run(ref job, problem.Panels * strips, tiles);
            }
        }
    }
}

/// <summary>The unit that threads divide a <see cref="BlockPanelJob{V, H, E}"/> by.</summary>
internal enum BlockPanelUnit
{
    /// <summary>A vector of columns: B, the weights, is read once, and each thread computes columns of y.</summary>
    Vector,

    /// <summary>A strip of rows: each thread reads all of B, but no other thread's rows.</summary>
    Strip,

    /// <summary>A tile, panel by panel: for many threads and few columns.</summary>
    Tile,
}

/// <summary>A block of rows, with the epilogue after its last k.</summary>
internal unsafe struct BlockPanelJob<V, H, E> : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
    where E : struct, IEpilogue
{
    private const int PanelsAtOnce = 8; // whose rows the epilogue finishes together: long ones, still in the second-level cache

    public RowPanels<V, H> Panels;
    public E Epilogue;
    public bool IsLast;
    public BlockPanelUnit Unit;
    public float* Memory; // of the packed strips of all rows, if they are packed

    /// <inheritdoc/>
    public readonly string Name => Panels.P.Describe(E.Name);

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        var own = Panels;
        if (Unit == BlockPanelUnit.Vector)
            own.P = own.P.Part(from * V.Width, Math.Min(own.P.Columns, to * V.Width));
        else if (Unit == BlockPanelUnit.Strip)
            (own.Row, own.Rows) = (Panels.Row + (from * H.Value), Math.Min(Panels.Rows, to * H.Value) - (from * H.Value));
        if (Unit != BlockPanelUnit.Tile)
            (from, to) = (0, own.P.Panels * own.Strips);
        if (own.P.AStep != 1)
            own.P = own.P.WithStrips(own.Row, own.Rows, Memory + ((nint)(own.Row - Panels.Row) * own.P.Depth));
        RunTiles(own, from, to);
    }

    /// <summary>Computes tiles, panel by panel.</summary>
    private readonly void RunTiles(RowPanels<V, H> own, int from, int to)
    {
        float* memory = stackalloc float[RowPanels<V, H>.CopyFloats];
        var copies = new PanelCopies(memory);
        int strips = own.Strips, last = (to - 1) / strips;
        while (from < to)
        {
            int panel = from / strips, first = from - (panel * strips);
            int panels = first == 0 ? Math.Clamp((to - from) / strips, 1, PanelsAtOnce) : 1, end = Math.Min(strips, first + (to - from));
            for (int p = panel; p < panel + panels; p++)
                own.Multiply(p, p < last, first, end, ref copies);
            if (IsLast)
                Finish(own, first, end, own.P.ColumnOf(panel), own.P.ColumnOf(panel + panels));
            from += (end - first) * panels;
        }
    }

    private readonly void Finish(RowPanels<V, H> own, int first, int end, int column, int endColumn) =>
        own.P.Finish(Epilogue, own.Row + (first * H.Value), own.Row + Math.Min(own.Rows, end * H.Value), column, endColumn);
}

/// <summary>Some rows of a product, multiplied by one panel after another.</summary>
internal unsafe struct RowPanels<V, H>
    where V : struct, IVector<V>
    where H : struct, IConstant
{
    /// <summary>Floats of a thread's <see cref="PanelCopies"/>.</summary>
    public const int CopyFloats = (2 * PanelCopies.Floats) + 16;

    public GemmProblem<V, H> P;
    public int Row, Rows;

    /// <summary>The number of strips, the last of which may be partial.</summary>
    public readonly int Strips => (Rows + H.Value - 1) / H.Value;

    private readonly int WholeStrips => Rows / H.Value;

    /// <summary>Computes the tiles of some strips in a panel, block of k by block.</summary>
    /// <param name="panel">The panel.</param>
    /// <param name="more">Whether this thread computes the next panel too, which is then packed while tiles are computed.</param>
    /// <param name="first">The first strip.</param>
    /// <param name="end">The strip after the last one.</param>
    /// <param name="copies">The thread's packed panels.</param>
    public readonly void Multiply(int panel, bool more, int first, int end, ref PanelCopies copies)
    {
        var blocks = new Blocks(P.Depth, Blocking.MaxDepth);
        foreach (var (k, depth) in blocks)
        {
            if (!copies.IsPacked)
                P.PackPanel(panel, k, depth, copies.Now);
            bool here = k + depth < P.Depth;
            int nextPanel = here ? panel : panel + 1, nextK = here ? k + depth : 0, nextDepth = Math.Min(blocks.Size, P.Depth - nextK);
            copies.IsPacked = (here || more) && P.CanInterleave(nextPanel);
            if (!copies.IsPacked)
            {
                var none = default(NoWork);
                Multiply(panel, first, end, k, depth, copies.Now, ref none);
                continue;
            }
            int nextColumn = P.ColumnOf(nextPanel), nextWidth = V.Width * P.VectorsOf(nextPanel), left;
            if (P.BTransposed)
            {
                var packing = new PackTransposed(P.B + (nextColumn * P.BStride) + nextK, P.BStride, nextWidth, nextDepth, copies.Next);
                Multiply(panel, first, end, k, depth, copies.Now, ref packing);
                left = packing.Left + (nextDepth % Prefetch.CacheLine);
            }
            else
            {
                var packing = new PackRows<V>(P.B + (nextK * P.BStride) + nextColumn, P.BStride, nextDepth, copies.Next);
                Multiply(panel, first, end, k, depth, copies.Now, ref packing);
                left = packing.Left;
            }
            // the rest, where there were too few tiles
            P.PackPanel(nextPanel, nextK + nextDepth - left, left, copies.Next + ((nextDepth - left) * nextWidth));
            copies.Swap();
        }
    }

    private readonly void Multiply<M>(int panel, int first, int end, int k, int depth, float* packed, ref M work)
        where M : struct, IInterleavedWork
    {
        int column = P.ColumnOf(panel), vectors = P.VectorsOf(panel);
        if (vectors == 3)
            Multiply<Three, M>(column, first, end, k, depth, packed, ref work);
        else if (vectors == 2)
            Multiply<Two, M>(column, first, end, k, depth, packed, ref work);
        else
            Multiply<One, M>(column, first, end, k, depth, packed, ref work);
    }

    private readonly void Multiply<W, M>(int column, int strip, int end, int k, int depth, float* panel, ref M work)
        where W : struct, IConstant
        where M : struct, IInterleavedWork
    {
        var b = new BPanel { At = panel, Step = W.Value * V.Width };
        int whole = column + (W.Value * V.Width) <= P.Columns ? Math.Min(end, WholeStrips) : strip;
        if (strip < whole)
        {
            int row = Row + (strip * H.Value);
            var c = new CTile { At = P.Y + (row * P.YStride) + column, Row = P.YStride, Next = H.Value * P.YStride };
            MicroKernel.Run<V, H, W, M>(whole - strip, depth, P.StripOf<H>(row, k, depth, null), b, c, P.Accumulate || k > 0, ref work);
            strip = whole;
        }
        float* copy = stackalloc float[8 * Blocking.MaxDepth];
        for (; strip < end; strip++)
        {
            int row = Row + (strip * H.Value);
            if (H.Value > 4 && Rows - (strip * H.Value) <= 4)
                P.Edge<Four, W>(P.StripOf<Four>(row, k, depth, copy), b, row, column, depth, P.Accumulate || k > 0);
            else
                P.Edge<H, W>(P.StripOf<H>(row, k, depth, copy), b, row, column, depth, P.Accumulate || k > 0);
        }
    }
}

/// <summary>The packed panel in use, and the next one.</summary>
internal unsafe struct PanelCopies
{
    /// <summary>Floats of a panel.</summary>
    public const int Floats = Blocking.MaxDepth * Blocking.MaxPanelColumns;

    public float* Now, Next;
    public bool IsPacked; // whether Now holds the panel that comes

    /// <summary>Takes memory for two panels, and aligns it to a cache line.</summary>
    public PanelCopies(float* memory)
    {
        Now = (float*)(((nint)memory + 63) & ~63);
        Next = Now + Floats;
    }

    /// <summary>Makes the panel that was packed the one in use.</summary>
    public void Swap()
    {
        float* now = Now;
        Now = Next;
        Next = now;
    }
}

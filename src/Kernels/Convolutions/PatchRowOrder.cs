using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order of a convolution: a thread has rows of the result, pixels. It packs a block of the kernel's rows, gathers a strip of patches
/// after another, and multiplies each by all panels while it is in the first-level cache.
/// </summary>
internal unsafe struct PatchRowJob<V, H, E> : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
    where E : struct, IEpilogue
{
    private const int StripStride = Blocking.MaxDepth + Prefetch.CacheLine; // not a power of two: rows would share a cache's sets
    private const int StripFloats = 8 * StripStride;

    public PatchGrid Grid;
    public float* X;
    public GemmProblem<V, H> P; // of the result as a matrix of all its pixels; its A is the grid's
    public bool Transposed;     // the kernel is multiplied by its columns
    public E Epilogue;
    public float* Memory;
    public int Panel, Panels;

    /// <inheritdoc/>
    public readonly string Name =>
        $"Convolution{(Transposed ? " transposed" : "")} {Grid.Rows}x{P.Columns}x{Grid.Depth} {E.Name}".TrimEnd();

    private readonly int Column => P.ColumnOf(Panel);

    private readonly int Columns => P.ColumnOf(Panel + Panels) - Column;

    private readonly int PaddedColumns => (Columns + V.Width - 1) / V.Width * V.Width;

    /// <summary>Returns the floats of <see cref="Memory"/> for each thread.</summary>
    public static int Floats(int panels, int panelWidth, int depth) => ((depth + 8) * panels * panelWidth) + StripFloats;

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        int padded = PaddedColumns;
        float* packed = Memory + ((nint)CpuDevice.ThisThread * ((Floats(Panels, P.PanelWidth, Math.Min(P.Depth, Blocking.MaxDepth)) + 15) & ~15));
        float* strip = packed + ((nint)Math.Min(P.Depth, Blocking.MaxDepth) * Panels * P.PanelWidth), tile = strip + StripFloats;
        Span<int> places = stackalloc int[8];
        foreach (var (k, depth) in new Blocks(P.Depth, Blocking.MaxDepth))
        {
            for (int panel = Panel; panel < Panel + Panels; panel++)
                Pack(panel, k, depth, packed + ((nint)depth * (P.ColumnOf(panel) - Column)));
            for (int unit = from; unit < to; unit++)
            {
                int row = unit * H.Value, rows = Math.Min(H.Value, Grid.Rows - row);
                PatchGather.Rows(Grid, X, row, H.Value, k, depth, strip, StripStride);
                var a = new AStrip { At = strip, Row = StripStride, Step = 1 };
                if (Grid.IsWhole && rows == H.Value && padded == Columns)
                {
                    nint at = (row * P.YStride) + Column;
                    Multiply(a, packed, depth, P.Y + at, P.YStride, k > 0);
                    for (int r = 0; r < rows && k + depth == P.Depth; r++, at += P.YStride)
                        Finish(at);
                    continue;
                }
                Places(row, rows, places);
                for (int r = 0; r < rows && k > 0; r++)
                    Packing.Copy(P.Y + (places[r] * P.YStride) + Column, 0, 1, Columns, tile + (r * padded), 0, padded);
                Multiply(a, packed, depth, tile, padded, k > 0);
                for (int r = 0; r < rows; r++)
                {
                    nint at = (places[r] * P.YStride) + Column;
                    Packing.Copy(tile + (r * padded), 0, 1, Columns, P.Y + at, 0, Columns);
                    if (k + depth == P.Depth)
                        Finish(at);
                }
            }
        }
    }

    private readonly void Finish(nint at)
    {
        if (E.Kind == EpilogueKind.InPlace)
            Epilogue.Finish(P.Y + at, at, Column, Columns);
    }

    /// <summary>The rows of the result that rows of the grid are.</summary>
    private readonly void Places(int row, int rows, Span<int> places)
    {
        for (int r = 0; r < rows; r++, row++)
        {
            int line = row / Grid.Width, n = line / Grid.Height;
            int y = (Grid.TargetStep * (line - (n * Grid.Height))) + Grid.TargetRow;
            int x = (Grid.TargetStep * (row - (line * Grid.Width))) + Grid.TargetColumn;
            places[r] = (((n * Grid.TargetHeight) + y) * Grid.TargetWidth) + x;
        }
    }

    /// <summary>Multiplies a strip by all panels.</summary>
    private readonly void Multiply(AStrip a, float* packed, int depth, float* to, nint stride, bool accumulate)
    {
        var none = default(NoWork);
        int whole = Math.Clamp(P.WholePanels - Panel, 0, Panels);
        var b = new BPanel { At = packed, Step = P.PanelWidth, Next = (nint)depth * P.PanelWidth };
        var c = new CTile { At = to, Row = stride, Next = P.PanelWidth };
        if (whole > 0)
            MicroKernel.Run<V, H, Three, NoWork>(whole, depth, a, b, c, accumulate, ref none);
        for (int panel = Panel + whole; panel < Panel + Panels; panel++)
        {
            int from = P.ColumnOf(panel) - Column, vectors = P.VectorsOf(panel);
            b = new() { At = packed + ((nint)depth * from), Step = vectors * V.Width };
            c = new() { At = to + from, Row = stride };
            if (vectors == 3)
                MicroKernel.Run<V, H, Three, NoWork>(1, depth, a, b, c, accumulate, ref none);
            else if (vectors == 2)
                MicroKernel.Run<V, H, Two, NoWork>(1, depth, a, b, c, accumulate, ref none);
            else
                MicroKernel.Run<V, H, One, NoWork>(1, depth, a, b, c, accumulate, ref none);
        }
    }

    /// <summary>Packs a panel's block of k, tap by tap: in the kernel's memory a tap has [C, O].</summary>
    private readonly void Pack(int panel, int k, int depth, float* packed)
    {
        int column = P.ColumnOf(panel), width = P.ColumnOf(panel + 1) - column, padded = P.VectorsOf(panel) * V.Width;
        for (int end = k + depth; k < end;)
        {
            int tap = k / Grid.Channels, channel = k - (tap * Grid.Channels), count = Math.Min(Grid.Channels - channel, end - k);
            int v = tap / Grid.TapsAcross, u = tap - (v * Grid.TapsAcross);
            int place = ((Grid.KernelRow + (Grid.TapStep * v)) * Grid.KernelWidth) + Grid.KernelColumn + (Grid.TapStep * u);
            float* w = P.B + ((nint)place * Grid.Channels * P.Columns);
            if (Transposed)
                Packing.Transpose(w + ((nint)column * Grid.Channels) + channel, Grid.Channels, width, count, packed, padded, padded);
            else
                Packing.Copy(w + ((nint)channel * P.Columns) + column, P.Columns, count, width, packed, padded, padded);
            packed += (nint)count * padded;
            k += count;
        }
    }
}

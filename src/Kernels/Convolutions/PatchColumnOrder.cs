using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order of a kernel's gradient, patchesᵀ·dy: a thread has rows of it, taps and channels. For each block of pixels it packs the
/// gradient's panels, gathers some strips of patches, multiplies them by one panel after another, which stays in the first-level cache, and
/// adds the block's sums to those of the blocks before.
/// </summary>
internal unsafe struct PatchColumnJob<V, H> : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
{
    private const int MostStripFloats = 64 * 1024; // 256 KiB

    public PatchGrid Grid;
    public float* X;
    public GemmProblem<V, H> P; // of the kernel's gradient; its A is the grid's, transposed
    public float* Memory;
    public int Panel, Panels;

    private static int StripFloats => H.Value * Convolution.RowsOfBlock;

    private static int StripsAtOnce => MostStripFloats / StripFloats;

    /// <inheritdoc/>
    public readonly string Name => $"Convolution kernel's gradient {P.Rows}x{P.Columns}x{P.Depth}";

    private readonly int Column => P.ColumnOf(Panel);

    /// <summary>Returns the floats of <see cref="Memory"/> for each thread.</summary>
    public static int Floats(in PatchGrid grid, int panels, int panelWidth) =>
        (Convolution.RowsOfBlock * panels * panelWidth) + MostStripFloats + Blocking.TileFloats + PatchGather.FloatsOfSources(grid);

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        float* packed = Memory + ((nint)CpuDevice.ThisThread * ((Floats(Grid, Panels, P.PanelWidth) + 15) & ~15));
        float* strips = packed + ((nint)Convolution.RowsOfBlock * Panels * P.PanelWidth), tile = strips + MostStripFloats;
        for (int m = 0; m == 0 || m < P.Depth; m += Convolution.RowsOfBlock)
        {
            int depth = Math.Min(Convolution.RowsOfBlock, P.Depth - m);
            for (int panel = Panel; panel < Panel + Panels; panel++)
                P.PackPanel(panel, m, depth, packed + ((nint)depth * (P.ColumnOf(panel) - Column)));
            for (int first = from; first < to; first += StripsAtOnce)
            {
                int end = Math.Min(first + StripsAtOnce, to);
                PatchGather.Strips<H>(Grid, X, m, depth, first, end, strips, StripFloats, tile + Blocking.TileFloats);
                for (int panel = Panel; panel < Panel + Panels; panel++)
                {
                    float* b = packed + ((nint)depth * (P.ColumnOf(panel) - Column));
                    if (P.HasBroadPanels)
                        Multiply<Four, Four>(panel, first, end, strips, b, depth, tile, adds: m > 0 || P.Accumulate);
                    else if (P.VectorsOf(panel) == 3)
                        Multiply<H, Three>(panel, first, end, strips, b, depth, tile, adds: m > 0 || P.Accumulate);
                    else if (P.VectorsOf(panel) == 2)
                        Multiply<H, Two>(panel, first, end, strips, b, depth, tile, adds: m > 0 || P.Accumulate);
                    else
                        Multiply<H, One>(panel, first, end, strips, b, depth, tile, adds: m > 0 || P.Accumulate);
                }
            }
        }
    }

    // strips of H numbers, R of which are multiplied at once
    private readonly void Multiply<R, W>(int panel, int first, int end, float* strips, float* b, int depth, float* tile, bool adds)
        where R : struct, IConstant
        where W : struct, IConstant
    {
        int column = P.ColumnOf(panel), columns = P.ColumnOf(panel + 1) - column, width = W.Value * V.Width;
        int* rows = stackalloc int[8] { 0, 1, 2, 3, 4, 5, 6, 7 };
        var a = new ScatteredRows { Rows = rows, Lines = 1, Depth = depth, Step = H.Value };
        for (int k = first * H.Value; k < Math.Min(end * H.Value, P.Rows); k += R.Value)
        {
            int strip = k / H.Value, here = Math.Min(R.Value, P.Rows - k);
            a.At = strips + ((nint)(strip - first) * StripFloats) + (k - (strip * H.Value));
            float* y = P.Y + (k * P.YStride) + column;
            if (here == R.Value && columns == width)
            {
                MicroKernel.RunScattered<V, R, W>(a, b, new(y, rows, P.YStride), adds);
                continue;
            }
            MicroKernel.RunScattered<V, R, W>(a, b, new(tile, rows, width), adds: false);
            for (int r = 0; r < here; r++, y += P.YStride)
            {
                if (adds)
                    CpuLoop.Run(new AddTo(tile + (r * width), y), 0, columns);
                else
                    Packing.Copy(tile + (r * width), 0, 1, columns, y, 0, columns);
            }
        }
    }
}

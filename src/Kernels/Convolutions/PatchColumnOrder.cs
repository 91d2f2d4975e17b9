using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order of a kernel's gradient, patchesᵀ·dy: a thread has rows of it, taps and channels. For each block of pixels it packs the
/// gradient's panels, gathers a strip of patches after another, and adds the block's sums to those of the blocks before.
/// </summary>
internal unsafe struct PatchColumnJob<V, H> : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
{
    private const int StripFloats = 8 * Convolution.RowsOfBlock;

    public PatchGrid Grid;
    public float* X;
    public GemmProblem<V, H> P; // of the kernel's gradient; its A is the grid's, transposed
    public float* Memory;
    public int Panel, Panels;

    /// <inheritdoc/>
    public readonly string Name => $"Convolution kernel's gradient {P.Rows}x{P.Columns}x{P.Depth}";

    private readonly int Column => P.ColumnOf(Panel);

    private readonly int Columns => P.ColumnOf(Panel + Panels) - Column;

    /// <summary>Returns the floats of <see cref="Memory"/> for each thread.</summary>
    public static int Floats(int panels, int panelWidth) => ((Convolution.RowsOfBlock + 8) * panels * panelWidth) + StripFloats;

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        int padded = (Columns + V.Width - 1) / V.Width * V.Width;
        float* packed = Memory + ((nint)CpuDevice.ThisThread * ((Floats(Panels, P.PanelWidth) + 15) & ~15));
        float* strip = packed + ((nint)Convolution.RowsOfBlock * Panels * P.PanelWidth), tile = strip + StripFloats;
        for (int m = 0; m == 0 || m < P.Depth; m += Convolution.RowsOfBlock)
        {
            int depth = Math.Min(Convolution.RowsOfBlock, P.Depth - m);
            for (int panel = Panel; panel < Panel + Panels; panel++)
                P.PackPanel(panel, m, depth, packed + ((nint)depth * (P.ColumnOf(panel) - Column)));
            for (int unit = from; unit < to; unit++)
            {
                int k = unit * H.Value, rows = Math.Min(H.Value, P.Rows - k);
                PatchGather.Columns<H>(Grid, X, m, depth, k, strip);
                var a = new AStrip { At = strip, Row = 1, Step = H.Value };
                Multiply(a, packed, depth, tile, padded);
                for (int r = 0; r < rows; r++)
                {
                    float* y = P.Y + ((k + r) * P.YStride) + Column, sums = tile + (r * padded);
                    if (m > 0 || P.Accumulate)
                        CpuLoop.Run(new AddTo(sums, y), 0, Columns);
                    else
                        Packing.Copy(sums, 0, 1, Columns, y, 0, Columns);
                }
            }
        }
    }

    private readonly void Multiply(AStrip a, float* packed, int depth, float* to, nint stride)
    {
        var none = default(NoWork);
        int whole = Math.Clamp(P.WholePanels - Panel, 0, Panels);
        var b = new BPanel { At = packed, Step = P.PanelWidth, Next = (nint)depth * P.PanelWidth };
        var c = new CTile { At = to, Row = stride, Next = P.PanelWidth };
        if (whole > 0)
            MicroKernel.Run<V, H, Three, NoWork>(whole, depth, a, b, c, false, ref none);
        for (int panel = Panel + whole; panel < Panel + Panels; panel++)
        {
            int from = P.ColumnOf(panel) - Column, vectors = P.VectorsOf(panel);
            b = new() { At = packed + ((nint)depth * from), Step = vectors * V.Width };
            c = new() { At = to + from, Row = stride };
            if (vectors == 3)
                MicroKernel.Run<V, H, Three, NoWork>(1, depth, a, b, c, false, ref none);
            else if (vectors == 2)
                MicroKernel.Run<V, H, Two, NoWork>(1, depth, a, b, c, false, ref none);
            else
                MicroKernel.Run<V, H, One, NoWork>(1, depth, a, b, c, false, ref none);
        }
    }

    private readonly struct AddTo(float* sums, float* y) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<L>(int i)
            where L : struct, IFloatLane<L> => L.Store(y + i, L.Load(y + i) + L.Load(sums + i));
    }
}

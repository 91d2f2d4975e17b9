using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <content>The order that goes across the panels with a strip.</content>
public static unsafe partial class MatMul
{
    /// <summary>A block of panels and of k; the result is stored transposed. A unit is 16 rows.</summary>
    private struct AcrossJob<V, H, F> : IJob
        where V : struct, IVector<V>
        where H : struct, INumber
        where F : struct, IActivation
    {
        public Product<V, H, F> P;
        public float* Packed; // where panels of B are copied to, by each thread its own
        public int Panel, Panels, K, BlockDepth;

        public readonly string Name => P.Name;

        public readonly void Run(int from, int to)
        {
            float* memory = stackalloc float[(RowGranule * MostPanelsOut * WidestPanel) + (8 * DepthAcross) + 16];
            var tiles = (float*)(((nint)memory + 63) & ~63);
            float* copy = tiles + (RowGranule * MostPanelsOut * WidestPanel);
            int column = P.ColumnOf(Panel), columns = P.ColumnOf(Panel + Panels) - column, stride = Panels * P.PanelWidth;
            bool onto = P.Onto || K > 0, last = K + BlockDepth == P.Depth;
            float* packed = Packed + ((nint)CpuDevice.ThisThread * BlockFloats);
            for (int panel = Panel; panel < Panel + Panels; panel++)
                P.PackPanel(panel, K, BlockDepth, packed + ((nint)BlockDepth * (P.ColumnOf(panel) - column)));
            for (; from < to; from++)
            {
                int row = from * RowGranule, end = Math.Min(P.Rows, row + RowGranule);
                float* y = P.Y + (column * P.YStride) + row;
                if (onto)
                    Packing.Transpose(y, P.YStride, columns, end - row, tiles, stride, columns);
                for (int r = row; r < end; r += H.Value)
                {
                    // While the first strip is computed, the lines are fetched that the tiles will go to; after that, the next strips of A.
                    bool firstStrip = r == row;
                    float* next = firstStrip ? y : from + 1 < to && r == row + H.Value && end + RowGranule <= P.Rows ? P.A + (end * P.ARow) + K : null;
                    nint across = firstStrip ? P.YStride : 2 * P.ARow, on = firstStrip ? 3 * P.YStride : Ahead.CacheLine;
                    var ahead = new Ahead
                    {
                        At = next,
                        Across = across,
                        On = on,
                        Next = firstStrip ? (BlockDepth + Ahead.Steps - 1) / Ahead.Steps * on : 3 * across,
                        Tiles = next == null ? 0 : firstStrip ? (columns * Ahead.Steps / 3 / Math.Max(1, BlockDepth)) + 1 : 3,
                    };
                    if (H.Value > 4 && P.Rows - r <= 4)
                        DoStrip<Four>(r, packed, tiles + ((r - row) * stride), stride, copy, ahead);
                    else
                        DoStrip<H>(r, packed, tiles + ((r - row) * stride), stride, copy, ahead);
                }
                Packing.Transpose(tiles, stride, end - row, columns, y, P.YStride, 0);
                if (last)
                    P.Finish(column, column + columns, row, end); // rows and columns of the stored result
            }
        }

        private readonly void DoStrip<R>(int row, float* packed, float* tiles, int stride, float* copy, Ahead ahead)
            where R : struct, INumber
        {
            var strip = P.StripOf<R>(row, K, BlockDepth, copy) with { Next = 0 };
            var b = new BPanel { At = packed, Next = (nint)BlockDepth * P.PanelWidth };
            var c = new CTile { At = tiles, Row = stride, Next = P.PanelWidth };
            int whole = Math.Clamp(P.WholePanels - Panel, 0, Panels);
            if (whole > 0)
                MatMulTile.Run<V, R, Three, None>(whole, BlockDepth, strip, b, null, c, P.Onto || K > 0, ahead);
            for (int panel = Panel + whole; panel < Panel + Panels; panel++)
            {
                int column = P.ColumnOf(panel) - P.ColumnOf(Panel);
                b.At = packed + ((nint)BlockDepth * column);
                c.At = tiles + column;
                var left = ahead.After(panel - Panel);
                int vectors = P.VectorsOf(panel);
                if (vectors == 3)
                    MatMulTile.Run<V, R, Three, None>(1, BlockDepth, strip, b, null, c, P.Onto || K > 0, left);
                else if (vectors == 2)
                    MatMulTile.Run<V, R, Two, None>(1, BlockDepth, strip, b, null, c, P.Onto || K > 0, left);
                else
                    MatMulTile.Run<V, R, One, None>(1, BlockDepth, strip, b, null, c, P.Onto || K > 0, left);
            }
        }
    }
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <content>The order that goes down the rows with a panel.</content>
public static unsafe partial class MatMul
{
    /// <summary>
    /// A block of rows and of k. Where A lies as it is, units are tiles, panel by panel: B, the weights, is read once, and each thread makes columns of
    /// y; or, by rows, they are strips. Where A is copied, units are 16 rows: each thread copies strips of its own, and makes rows of a gradient.
    /// </summary>
    private struct DownJob<V, H, F> : IJob
        where V : struct, IVector<V>
        where H : struct, INumber
        where F : struct, IActivation
    {
        public Product<V, H, F> P;
        public float* Packed; // where strips of A are copied to, by each thread its own; null where A is read in place
        public int Row, Rows, K, EndK;
        public bool ByRows;

        public readonly string Name => P.Name;

        public readonly int Strips => (Rows + H.Value - 1) / H.Value;

        private readonly int WholeStrips => Rows / H.Value;

        public readonly void Run(int from, int to)
        {
            float* memory = stackalloc float[(DepthDown * WidestPanel) + 16];
            var copy = (float*)(((nint)memory + 63) & ~63);
            if (Packed != null)
            {
                int row = from * RowGranule, endRow = Math.Min(Rows, to * RowGranule);
                var own = this with { Row = Row + row, Rows = endRow - row, Packed = Packed + ((nint)CpuDevice.ThisThread * BlockFloats) };
                own.CopyStrips();
                for (int panel = 0; panel < P.Panels; panel++)
                    own.DoPanel(panel, panel + 1 < P.Panels, 0, own.Strips, copy);
                own.Finish(0, own.Strips, 0, P.Panels);
                return;
            }
            if (ByRows)
            {
                for (int panel = 0; panel < P.Panels; panel++)
                    DoPanel(panel, panel + 1 < P.Panels, from, to, copy);
                Finish(from, to, 0, P.Panels);
                return;
            }
            int last = (to - 1) / Strips;
            while (from < to)
            {
                // Panels of all rows are bent together: long rows, still in the second-level cache.
                int panel = from / Strips, first = from - (panel * Strips);
                int panels = first == 0 ? Math.Clamp((to - from) / Strips, 1, 8) : 1, end = Math.Min(Strips, first + (to - from));
                for (int p = panel; p < panel + panels; p++)
                    DoPanel(p, p < last, first, end, copy);
                Finish(first, end, panel, panel + panels);
                from += (end - first) * panels;
            }
        }

        private readonly void Finish(int first, int end, int panel, int endPanel)
        {
            if (EndK == P.Depth)
                P.Finish(Row + (first * H.Value), Row + Math.Min(Rows, end * H.Value), P.ColumnOf(panel), P.ColumnOf(endPanel));
        }

        private readonly void CopyStrips()
        {
            int depth = EndK - K;
            int whole = WholeStrips * H.Value;
            for (int row = 0; row < whole; row += RowGranule)
                Packing.Strips<H>(P.A + (K * P.AStep) + Row + row, P.AStep, depth, Math.Min(RowGranule, whole - row), Packed + ((nint)row * depth));
            for (int row = whole; row < Rows; row += H.Value)
            {
                float* strip = Packed + ((nint)row * depth);
                if (H.Value > 4 && Rows - row <= 4)
                    P.CopyStrip<Four>(Row + row, Row + Rows, K, depth, strip);
                else
                    P.CopyStrip<H>(Row + row, Row + Rows, K, depth, strip);
            }
        }

        private readonly void DoPanel(int panel, bool more, int first, int end, float* copy)
        {
            int column = P.ColumnOf(panel);
            foreach (var (from, depth) in new Blocks(EndK - K, DepthDown))
            {
                int k = K + from;
                if (panel < P.WholePanels && first < WholeStrips && !P.BTransposed)
                {
                    float* b = P.B + (k * P.BStride) + column;
                    float* next = k + depth < EndK ? b + (depth * P.BStride) : more ? P.B + (K * P.BStride) + P.ColumnOf(panel + 1) : null;
                    MatMulTile.Run<V, H, Three, One>(
                        1, depth, StripsFrom(first, k, depth), new() { At = b, Step = P.BStride }, copy, TilesFrom(first, column), P.Onto || k > 0, default);
                    var ahead = new Ahead
                    {
                        At = next,
                        Across = Ahead.CacheLine,
                        On = P.BStride,
                        Next = (depth + Ahead.Steps - 1) / Ahead.Steps * P.BStride,
                        Tiles = next == null ? 0 : Ahead.Steps,
                    };
                    DoTiles<Three>(column, first + 1, end, k, depth, copy, ahead);
                    continue;
                }
                int vectors = P.PackPanel(panel, k, depth, copy);
                var rows = default(Ahead);
                if (P.BTransposed && (k + depth < EndK || more))
                {
                    // Two rows of B are fetched as one long one: they lie one after another where the block is all of k.
                    float* next = k + depth < EndK ? P.B + (column * P.BStride) + k + depth : P.B + (P.ColumnOf(panel + 1) * P.BStride) + K;
                    rows = new Ahead { At = next, Across = 2 * P.BStride, On = Ahead.CacheLine, Next = 6 * P.BStride, Tiles = Ahead.Steps };
                }
                if (vectors == 3)
                    DoTiles<Three>(column, first, end, k, depth, copy, rows);
                else if (vectors == 2)
                    DoTiles<Two>(column, first, end, k, depth, copy, rows);
                else
                    DoTiles<One>(column, first, end, k, depth, copy, rows);
            }
        }

        private readonly void DoTiles<W>(int column, int strip, int end, int k, int depth, float* panel, Ahead ahead)
            where W : struct, INumber
        {
            int whole = column + (W.Value * V.Width) <= P.Columns ? Math.Min(end, WholeStrips) : strip;
            if (strip < whole)
            {
                MatMulTile.Run<V, H, W, None>(
                    whole - strip, depth, StripsFrom(strip, k, depth), new() { At = panel }, null, TilesFrom(strip, column), P.Onto || k > 0, ahead);
                strip = whole;
            }
            for (; strip < end; strip++)
            {
                if (H.Value > 4 && Rows - (strip * H.Value) <= 4)
                    DoEdge<Four, W>(strip, column, k, depth, panel);
                else
                    DoEdge<H, W>(strip, column, k, depth, panel);
            }
        }

        private readonly void DoEdge<R, W>(int strip, int column, int k, int depth, float* panel)
            where R : struct, INumber
            where W : struct, INumber
        {
            float* copy = stackalloc float[8 * DepthDown];
            int row = Row + (strip * H.Value);
            var a = Packed is null ? P.StripOf<R>(row, k, depth, copy) : new() { At = Packed + (strip * H.Value * depth), Row = 1, Step = R.Value };
            P.Edge<R, W>(a, panel, row, column, depth, P.Onto || k > 0);
        }

        /// <summary>Whole strips of A.</summary>
        private readonly AStrip StripsFrom(int strip, int k, int depth) => Packed is null
            ? P.StripOf<H>(Row + (strip * H.Value), k, depth, null)
            : new() { At = Packed + (strip * H.Value * depth), Row = 1, Step = H.Value, Next = H.Value * depth };

        /// <summary>Whole tiles of C.</summary>
        private readonly CTile TilesFrom(int strip, int column) =>
            new() { At = P.Y + ((Row + (strip * H.Value)) * P.YStride) + column, Row = P.YStride, Next = H.Value * P.YStride };
    }
}

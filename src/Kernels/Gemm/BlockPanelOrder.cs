using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <content>The order that goes down the rows with a panel.</content>
public static unsafe partial class MatMul
{
    /// <summary>What a unit of <see cref="BlockPanelJob{V, H, F}"/> is.</summary>
    private enum BlockPanelUnit
    {
        /// <summary>A vector of columns: B, the weights, is read once, and each thread makes columns of y.</summary>
        Vector,

        /// <summary>A strip of rows: each thread reads all of B, but no other thread's rows.</summary>
        Strip,

        /// <summary>A tile, panel by panel: for many threads and few columns.</summary>
        Tile,
    }

    /// <summary>A block of rows.</summary>
    private struct BlockPanelJob<V, H, F> : IJob
        where V : struct, IVector<V>
        where H : struct, IConstant
        where F : struct, IActivation
    {
        public GemmProblem<V, H, F> P;
        public int Row, Rows;
        public BlockPanelUnit Unit;
        public float* Memory; // where the strips of all rows are copied to, if they are

        public readonly string Name => P.Name;

        public readonly int Strips => (Rows + H.Value - 1) / H.Value;

        private readonly int WholeStrips => Rows / H.Value;

        public readonly void Run(int from, int to)
        {
            var own = this;
            if (Unit == BlockPanelUnit.Vector)
                own.P = P.Part(from * V.Width, Math.Min(P.Columns, to * V.Width));
            else if (Unit == BlockPanelUnit.Strip)
                (own.Row, own.Rows) = (Row + (from * H.Value), Math.Min(Rows, to * H.Value) - (from * H.Value));
            if (Unit != BlockPanelUnit.Tile)
                (from, to) = (0, own.P.Panels * own.Strips);
            if (P.AStep != 1)
                own.P = own.P.WithStrips(own.Row, own.Rows, Memory + ((nint)(own.Row - Row) * P.Depth));
            own.DoTiles(from, to);
        }

        /// <summary>Tiles, panel by panel.</summary>
        private readonly void DoTiles(int from, int to)
        {
            float* memory = stackalloc float[(2 * BlockDepth * WidestPanel) + 16];
            var copies = new Copies { Now = (float*)(((nint)memory + 63) & ~63) };
            copies.Next = copies.Now + (BlockDepth * WidestPanel);
            int last = (to - 1) / Strips;
            while (from < to)
            {
                // Panels of all rows are bent together: long rows, still in the second-level cache.
                int panel = from / Strips, first = from - (panel * Strips);
                int panels = first == 0 ? Math.Clamp((to - from) / Strips, 1, 8) : 1, end = Math.Min(Strips, first + (to - from));
                for (int p = panel; p < panel + panels; p++)
                    DoPanel(p, p < last, first, end, ref copies);
                Finish(first, end, panel, panel + panels);
                from += (end - first) * panels;
            }
        }

        private readonly void Finish(int first, int end, int panel, int endPanel) =>
            P.Finish(Row + (first * H.Value), Row + Math.Min(Rows, end * H.Value), P.ColumnOf(panel), P.ColumnOf(endPanel));

        /// <summary>The tiles of some strips in a panel, block of k by block. <paramref name="more"/>: this thread has the next panel too.</summary>
        private readonly void DoPanel(int panel, bool more, int first, int end, ref Copies copies)
        {
            var blocks = new Blocks(P.Depth, BlockDepth);
            foreach (var (k, depth) in blocks)
            {
                if (!copies.Made)
                    P.PackPanel(panel, k, depth, copies.Now);
                bool here = k + depth < P.Depth;
                int nextPanel = here ? panel : panel + 1, nextK = here ? k + depth : 0, nextDepth = Math.Min(blocks.Size, P.Depth - nextK);
                copies.Made = (here || more) && P.CanBeCopiedAhead(nextPanel);
                if (!copies.Made)
                {
                    var none = default(NoWork);
                    DoTiles(panel, first, end, k, depth, copies.Now, ref none);
                    continue;
                }
                int nextColumn = P.ColumnOf(nextPanel), nextWidth = V.Width * P.VectorsOf(nextPanel), left;
                if (P.BTransposed)
                {
                    var packing = new PackTransposed(P.B + (nextColumn * P.BStride) + nextK, P.BStride, nextWidth, nextDepth, copies.Next);
                    DoTiles(panel, first, end, k, depth, copies.Now, ref packing);
                    left = packing.Left + (nextDepth % Prefetch.CacheLine);
                }
                else
                {
                    var packing = new PackRows<V>(P.B + (nextK * P.BStride) + nextColumn, P.BStride, nextDepth, copies.Next);
                    DoTiles(panel, first, end, k, depth, copies.Now, ref packing);
                    left = packing.Left;
                }
                P.PackPanel(nextPanel, nextK + nextDepth - left, left, copies.Next + ((nextDepth - left) * nextWidth)); // what few tiles had no time for
                copies.Swap();
            }
        }

        private readonly void DoTiles<M>(int panel, int first, int end, int k, int depth, float* packed, ref M work)
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
            float* copy = stackalloc float[8 * BlockDepth];
            for (; strip < end; strip++)
            {
                int row = Row + (strip * H.Value);
                if (H.Value > 4 && Rows - (strip * H.Value) <= 4)
                    P.Edge<Four, W>(P.StripOf<Four>(row, k, depth, copy), b, row, column, depth, P.Accumulate || k > 0);
                else
                    P.Edge<H, W>(P.StripOf<H>(row, k, depth, copy), b, row, column, depth, P.Accumulate || k > 0);
            }
        }

        /// <summary>The panel that is in use, and the one that is copied while it is.</summary>
        private struct Copies
        {
            public float* Now, Next;
            public bool Made;

            public void Swap()
            {
                float* now = Now;
                Now = Next;
                Next = now;
            }
        }
    }
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <content>The order for dy·Wᵀ, whose result is stored transposed.</content>
public static unsafe partial class MatMul
{
    /// <summary>
    /// A block of panels and of k. A unit is 16 rows: of a transposed result, a cache line. Rows of A, the weights, are read where they lie; B is copied by
    /// each thread for itself. Panel by panel, the unit's tiles are stored: few enough lines at once for the processor to write them while it goes on.
    /// </summary>
    private struct AcrossJob<V, H, F> : IJob
        where V : struct, IVector<V>
        where H : struct, INumber
        where F : struct, IActivation
    {
        public Product<V, H, F> P;
        public float* Memory; // where panels are copied to
        public int Panel, Panels, K, BlockDepth;

        public readonly string Name => P.Name;

        public readonly void Run(int from, int to)
        {
            float* packed = Memory + ((nint)CpuDevice.ThisThread * BlockFloats);
            int column = P.ColumnOf(Panel);
            for (int panel = Panel; panel < Panel + Panels; panel++)
                P.PackPanel(panel, K, BlockDepth, packed + ((nint)BlockDepth * (P.ColumnOf(panel) - column)));
            for (int row = from * RowGranule; row < Math.Min(P.Rows, to * RowGranule); row += RowGranule)
            {
                int end = Math.Min(P.Rows, row + RowGranule);
                var next = default(Ahead); // the next unit's rows of A
                if (end + RowGranule <= P.Rows)
                    next = Ahead.Rows(P.A + (end * P.ARow) + K, P.ARow, RowGranule, BlockDepth);
                for (int panel = Panel; panel < Panel + Panels; panel++)
                    DoPanel(panel, row, end, packed + ((nint)BlockDepth * (P.ColumnOf(panel) - column)), ref next);
            }
        }

        private readonly void DoPanel(int panel, int row, int end, float* packed, ref Ahead next)
        {
            float* memory = stackalloc float[(RowGranule * WidestPanel) + (8 * DepthAcross) + 16];
            var tiles = (float*)(((nint)memory + 63) & ~63);
            int column = P.ColumnOf(panel), columns = P.ColumnOf(panel + 1) - column, vectors = P.VectorsOf(panel), stride = vectors * V.Width;
            float* y = P.Y + (column * P.YStride) + row;
            if (P.Onto || K > 0)
                Packing.Transpose(y, P.YStride, columns, end - row, tiles, stride, columns);
            var lines = new Ahead { At = y, Second = P.YStride, Third = 2 * P.YStride, On = 3 * P.YStride, Left = (columns + 2) / 3 };
            if (vectors == 3)
                DoTiles<Three>(row, end, packed, tiles, lines, ref next);
            else if (vectors == 2)
                DoTiles<Two>(row, end, packed, tiles, lines, ref next);
            else
                DoTiles<One>(row, end, packed, tiles, lines, ref next);
            Packing.Transpose(tiles, stride, end - row, columns, y, P.YStride, 0);
            if (K + BlockDepth == P.Depth)
                P.Finish(column, column + columns, row, end); // rows and columns of the stored result
        }

        /// <summary>While the first strip is computed, the lines are fetched that the tiles will go to; after that, the next rows of A.</summary>
        private readonly void DoTiles<W>(int row, int end, float* packed, float* tiles, Ahead lines, ref Ahead next)
            where W : struct, INumber
        {
            float* copy = tiles + (RowGranule * WidestPanel);
            int stride = W.Value * V.Width;
            for (int r = row; r < end; r += H.Value)
            {
                ref var ahead = ref r == row ? ref lines : ref next;
                var b = new BPanel { At = packed, Step = stride };
                var c = new CTile { At = tiles + ((r - row) * stride), Row = stride };
                bool onto = P.Onto || K > 0;
                if (H.Value > 4 && end - r <= 4)
                    MatMulTile.Run<V, Four, W, None>(1, BlockDepth, P.StripOf<Four>(r, K, BlockDepth, copy), b, c, onto, ref ahead);
                else
                    MatMulTile.Run<V, H, W, None>(1, BlockDepth, P.StripOf<H>(r, K, BlockDepth, copy), b, c, onto, ref ahead);
            }
        }
    }
}

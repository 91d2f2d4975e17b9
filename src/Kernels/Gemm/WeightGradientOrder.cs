using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <content>The order for xᵀ·dy, the gradient of weights.</content>
public static unsafe partial class MatMul
{
    /// <summary>
    /// A block of panels. A unit is a strip of 8 rows, which goes across all panels. What is read, a batch of activations and one of gradients, is
    /// small, and read where it lies; copied are strips and panels that are large, and those that don't fill a tile. Tiles go to the result, or, where an
    /// optimiser takes it at once, no further than a cache.
    /// </summary>
    private struct WeightGradientJob<V, H, F> : IJob
        where V : struct, IVector<V>
        where H : struct, IConstant
        where F : struct, IActivation
    {
        private const int OfTiles = 8 * MostPanelsOfStrip * WidestPanel, OfStrips = 8 * MaxFusedRows;

        /// <summary>What each thread needs of <see cref="Memory"/>.</summary>
        public const int Floats = BlockFloats + OfTiles + OfStrips;

        public GemmProblem<V, H, F> P;
        public GemmProblem<V, H, F> More; // added to P; of depth 0 if there is none
        public AdamEpilogue Update;       // what takes the result in place of memory
        public float* Memory;
        public int Panel, Panels;
        public bool AInPlace, BInPlace;

        public readonly string Name => Update.Is ? $"{(P with { Depth = P.Depth + More.Depth }).Name} Adam" : P.Name;

        private readonly int Column => P.ColumnOf(Panel);

        private readonly int Columns => P.ColumnOf(Panel + Panels) - Column;

        public readonly void Run(int from, int to)
        {
            float* packed = Memory + ((nint)CpuDevice.ThisThread * Floats), tiles = packed + BlockFloats;
            var b = PanelsOf(P, ref packed);
            var more = More.Depth > 0 ? PanelsOf(More, ref packed) : default;
            int end = Math.Min(P.Rows, to * RowGranule);
            for (int row = from * RowGranule; row < end; row += H.Value)
            {
                if (H.Value > 4 && end - row <= 4)
                    DoRows<Four>(row, b, more, tiles);
                else
                    DoRows<H>(row, b, more, tiles);
            }
            if (!Update.Is)
                P.Finish(from * RowGranule, end, Column, Column + Columns);
        }

        /// <summary>Panels of B: where they lie, or copied.</summary>
        private readonly BPanel PanelsOf(GemmProblem<V, H, F> p, ref float* packed)
        {
            if (BInPlace)
                return new() { At = p.B + Column, Step = p.BStride, Next = p.PanelWidth };
            var b = new BPanel { At = packed, Step = p.PanelWidth, Next = (nint)p.Depth * p.PanelWidth };
            for (int panel = Panel; panel < Panel + Panels; panel++)
                p.PackPanel(panel, 0, p.Depth, packed + ((nint)p.Depth * (p.ColumnOf(panel) - Column)));
            packed += b.Next * Panels;
            return b;
        }

        private readonly void DoRows<R>(int row, BPanel b, BPanel more, float* tiles)
            where R : struct, IConstant
        {
            nint at = (row * P.YStride) + Column, stride = Panels * P.PanelWidth;
            float* copy = tiles + OfTiles;
            var next = NextStrips<R>(P, row);
            if (!Update.Is)
            {
                DoStrip<R>(P, row, b, copy, P.Y + at, P.YStride, P.Accumulate, ref next);
                return;
            }
            int rows = Math.Min(R.Value, P.Rows - row);
            var fetch = Update.Fetch(at, P.YStride, rows, Columns, Panels * (Prefetch.Times(P.Depth) + Prefetch.Times(More.Depth)));
            DoStrip<R>(P, row, b, copy, tiles, stride, accumulate: false, ref fetch);
            if (More.Depth > 0)
                DoStrip<R>(More, row, more, copy, tiles, stride, accumulate: true, ref fetch);
            var nextMore = NextStrips<R>(More, row);
            for (int r = 0; r < rows; r++, at += P.YStride, tiles += stride)
            {
                Update.Take(tiles, at, Columns);
                next.Fetch((P.Depth / 3 / R.Value) + 1);
                nextMore.Fetch((More.Depth / 3 / R.Value) + 1);
            }
        }

        /// <summary>The lines of A for the next strips, to be fetched with the last one that has numbers of the lines before.</summary>
        private readonly Prefetch NextStrips<R>(GemmProblem<V, H, F> p, int row)
            where R : struct, IConstant
        {
            row += R.Value;
            bool some = row % Prefetch.CacheLine == 0 && row < p.Rows;
            return new() { At = p.A + row, Second = p.AStep, Third = 2 * p.AStep, On = 3 * p.AStep, Left = some ? (p.Depth + 2) / 3 : 0 };
        }

        private readonly void DoStrip<R>(
            GemmProblem<V, H, F> p, int row, BPanel b, float* copy, float* to, nint stride, bool accumulate, ref Prefetch prefetch)
            where R : struct, IConstant
        {
            bool fits = row + R.Value <= p.Rows;
            var strip = AInPlace && fits ? new() { At = p.A + row, Row = 1, Step = p.AStep } : p.CopyStrip<R>(row, 0, p.Depth, copy);
            int whole = Update.Is || fits ? Math.Clamp(p.WholePanels - Panel, 0, Panels) : 0; // an optimiser's tiles may have too much
            if (whole > 0)
                MicroKernel.Run<V, R, Three, Prefetch>(whole, p.Depth, strip, b, new() { At = to, Row = stride, Next = p.PanelWidth }, accumulate, ref prefetch);
            for (int panel = Panel + whole; panel < Panel + Panels; panel++)
            {
                int vectors = p.VectorsOf(panel);
                if (vectors == 3)
                    DoTile<R, Three>(p, panel, strip, row, b, to, stride, accumulate, ref prefetch);
                else if (vectors == 2)
                    DoTile<R, Two>(p, panel, strip, row, b, to, stride, accumulate, ref prefetch);
                else
                    DoTile<R, One>(p, panel, strip, row, b, to, stride, accumulate, ref prefetch);
            }
        }

        private readonly void DoTile<R, W>(
            GemmProblem<V, H, F> p, int panel, AStrip strip, int row, BPanel b, float* to, nint stride, bool accumulate, ref Prefetch prefetch)
            where R : struct, IConstant
            where W : struct, IConstant
        {
            int from = p.ColumnOf(panel) - Column, width = W.Value * V.Width;
            b = BInPlace ? b with { At = b.At + from } : new() { At = b.At + ((nint)p.Depth * from), Step = width };
            if (Update.Is || (row + R.Value <= p.Rows && p.ColumnOf(panel) + width <= p.Columns))
                MicroKernel.Run<V, R, W, Prefetch>(1, p.Depth, strip, b, new() { At = to + from, Row = stride }, accumulate, ref prefetch);
            else
                p.Edge<R, W>(strip, b, row, p.ColumnOf(panel), p.Depth, accumulate);
        }
    }
}

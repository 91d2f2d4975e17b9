using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <content>What is multiplied, cut into panels and strips.</content>
public static unsafe partial class MatMul
{
    /// <summary>y = f(a·b + bias). Strides are in floats.</summary>
    private struct GemmProblem<V, H, F>
        where V : struct, IVector<V>
        where H : struct, IConstant
        where F : struct, IActivation
    {
        public float* A, B, Y, Bias;
        public float* Activated; // with it, what is stored is f'(activated) times the product
        public nint ARow, AStep; // from row to row of A, and from k to k+1: one of them is 1
        public float* Strips;    // copies of A's, one after another, where there are any
        public int StripsFrom;   // the row that they begin with
        public nint BStride;     // from row to row of B as it is stored: of k, or if transposed of n
        public nint YStride;
        public bool BTransposed, Accumulate;
        public int Rows, Columns, Depth;
        public F Activation;

        public readonly int PanelWidth => 3 * V.Width;

        public readonly int Vectors => (Columns + V.Width - 1) / V.Width;

        public readonly int Panels => (Vectors + 2) / 3;

        /// <summary>Panels of three whole vectors; the others follow.</summary>
        public readonly int WholePanels => Vectors % 3 == 1 && Vectors > 1 ? (Vectors / 3) - 1 : Columns / PanelWidth;

        /// <summary>The column where a panel begins. Four vectors at the end are two panels of two: a tile of one is slow.</summary>
        public readonly int ColumnOf(int panel) =>
            Math.Min(Columns, V.Width * ((3 * panel) - (Vectors % 3 == 1 && panel == Vectors / 3 && panel > 0 ? 1 : 0)));

        public readonly string Name
        {
            get
            {
                string form = BTransposed ? "dy·Wᵀ" : AStep == 1 ? "x·W" : "xᵀ·dy";
                return $"MatMul {form} {Rows}x{Columns}x{Depth} {(typeof(F) == typeof(Identity) ? "" : typeof(F).Name)}".TrimEnd();
            }
        }

        /// <summary>How many vectors wide a panel is.</summary>
        public readonly int VectorsOf(int panel) => (ColumnOf(panel + 1) - ColumnOf(panel) + V.Width - 1) / V.Width;

        /// <summary>Some columns of it.</summary>
        public readonly GemmProblem<V, H, F> Part(int column, int endColumn) => this with
        {
            B = B + (BTransposed ? column * BStride : column),
            Y = Y + column,
            Bias = Bias == null ? null : Bias + column,
            Activated = Activated == null ? null : Activated + column,
            Columns = endColumn - column,
        };

        /// <summary>So many rows' block of k stays in the second-level cache while panels pass.</summary>
        public readonly int RowsOfBlock => Math.Max(RowGranule, BlockFloats / Math.Clamp(Depth, 1, BlockDepth) / RowGranule * RowGranule);

        /// <summary>How many tiles of so many k are worth waking a thread for.</summary>
        public readonly int TilesWorthAThread(int depth) =>
            (int)(WorthAThread / ((long)H.Value * Math.Min(Columns, PanelWidth) * Math.Max(1, depth))) + 1;

        /// <summary>Units of 8 rows.</summary>
        public readonly int Granules => (Rows + RowGranule - 1) / RowGranule;

        /// <summary>How many of them are worth waking a thread for, with so many panels.</summary>
        public readonly int GranulesWorthAThread(int depth, int panels) => (TilesWorthAThread(depth) * H.Value / RowGranule / panels) + 1;

        /// <summary>A result of one column as one of one row, bᵀ·aᵀ: both lie in memory alike.</summary>
        public readonly GemmProblem<V, H, F> ColumnAsRow() => this with
        {
            A = B,
            ARow = BTransposed ? BStride : 1,
            AStep = BTransposed ? 1 : BStride,
            B = A,
            BTransposed = AStep == 1,
            BStride = AStep == 1 ? ARow : AStep,
            YStride = Rows,
            Rows = 1,
            Columns = Rows,
        };

        /// <summary>Copies a panel of B's block of k.</summary>
        public readonly void PackPanel(int panel, int k, int depth, float* packed)
        {
            int column = ColumnOf(panel), width = ColumnOf(panel + 1) - column;
            int vectors = VectorsOf(panel);
            if (BTransposed)
                Packing.Transpose(B + (column * BStride) + k, BStride, width, depth, packed, vectors * V.Width, vectors * V.Width);
            else
                Packing.Copy(B + (k * BStride) + column, BStride, depth, width, packed, vectors * V.Width, vectors * V.Width);
        }

        /// <summary>Whether a panel can be copied while tiles are computed: with three full vectors, or, where rows become columns, with any full ones.</summary>
        public readonly bool CanBeCopiedAhead(int panel) =>
            BTransposed ? ColumnOf(panel + 1) - ColumnOf(panel) == V.Width * VectorsOf(panel) : panel < WholePanels;

        /// <summary>A strip of A, row-major, from row and k on: in place, or a copy where it has fewer rows than a tile.</summary>
        public readonly AStrip StripOf<R>(int row, int k, int depth, float* copy)
            where R : struct, IConstant
        {
            if (Strips != null)
                return new() { At = Strips + ((nint)(row - StripsFrom) * Depth), Row = 1, Step = H.Value, Next = (nint)H.Value * Depth };
            if (Rows - row >= R.Value)
                return new() { At = A + (row * ARow) + k, Row = ARow, Step = 1, Next = R.Value * ARow };
            return CopyStrip<R>(row, k, depth, copy);
        }

        /// <summary>Some k of it, added to those before.</summary>
        public readonly GemmProblem<V, H, F> Block(int k, int depth) => this with
        {
            A = A + (k * AStep),
            B = B + (k * (BTransposed ? 1 : BStride)),
            Depth = depth,
            Accumulate = Accumulate || k > 0,
        };

        /// <summary>The same with strips of some rows copied.</summary>
        public readonly GemmProblem<V, H, F> WithStrips(int row, int rows, float* memory)
        {
            for (int r = 0; r < rows; r += H.Value)
                _ = CopyStrip<H>(row + r, 0, Depth, memory + ((nint)r * Depth));
            return this with { Strips = memory, StripsFrom = row };
        }

        /// <summary>A copy of a strip of A; zeros stand for rows that A doesn't have.</summary>
        public readonly AStrip CopyStrip<R>(int row, int k, int depth, float* copy)
            where R : struct, IConstant
        {
            int rows = Math.Min(R.Value, Rows - row);
            if (AStep == 1)
                Packing.Transpose(A + (row * ARow) + k, ARow, rows, depth, copy, R.Value, R.Value);
            else if (rows == R.Value)
                Packing.Strip<R>(A + (k * AStep) + row, AStep, depth, copy);
            else
                Packing.Copy(A + (k * AStep) + row, AStep, depth, rows, copy, R.Value, R.Value);
            return new() { At = copy, Row = 1, Step = R.Value };
        }

        /// <summary>One tile that isn't whole: by way of a tile of its own, whose surplus is never read.</summary>
        public readonly void Edge<R, W>(AStrip a, BPanel panel, int row, int column, int depth, bool accumulate)
            where R : struct, IConstant
            where W : struct, IConstant
        {
            int rows = Math.Min(R.Value, Rows - row), width = Math.Min(W.Value * V.Width, Columns - column), stride = W.Value * V.Width;
            float* tile = stackalloc float[8 * WidestPanel];
            float* y = Y + (row * YStride) + column;
            if (accumulate)
                Packing.Copy(y, YStride, rows, width, tile, stride, stride);
            var none = default(NoWork);
            MicroKernel.Run<V, R, W, NoWork>(1, depth, a, panel, new() { At = tile, Row = stride }, accumulate, ref none);
            Packing.Copy(tile, stride, rows, width, y, YStride, width);
        }

        /// <summary>Adds the bias to finished elements, and bends them.</summary>
        public readonly void Finish(int row, int endRow, int column, int endColumn)
        {
            if (Bias is null && typeof(F) == typeof(Identity))
                return;
            for (; row < endRow; row++)
            {
                nint at = (row * YStride) + column;
                if (Activated != null)
                    CpuLoop.Run(new ApplySlope<F>(Activation, Activated + at, Y + at), 0, endColumn - column);
                else if (Bias == null)
                    CpuLoop.Run(new Activate<F>(Activation, Y + at), 0, endColumn - column);
                else
                    CpuLoop.Run(new AddBiasAndActivate<F>(Activation, Bias + column, Y + at), 0, endColumn - column);
            }
        }
    }

    private readonly struct Activate<F>(F f, float* y) : ILoopBody
        where F : struct, IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> => V.Store(y + i, f.Forward(V.Load(y + i)));
    }

    private readonly struct ApplySlope<F>(F f, float* activated, float* y) : ILoopBody
        where F : struct, IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V>
        {
            V x = V.Load(activated + i);
            V.Store(y + i, f.Backward(x, x, V.Load(y + i)));
        }
    }

    private readonly struct AddBiasAndActivate<F>(F f, float* bias, float* y) : ILoopBody
        where F : struct, IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> => V.Store(y + i, f.Forward(V.Load(y + i) + V.Load(bias + i)));
    }
}

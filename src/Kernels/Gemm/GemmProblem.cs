namespace GanFromScratch.Kernels;

/// <summary>
/// A product on the processor as its loops see it: y[Rows,Columns] = a·b over Depth steps of k, cut into panels of columns and strips of
/// rows. Strides are in floats.
/// </summary>
/// <typeparam name="V">The vectors that tiles are made of.</typeparam>
/// <typeparam name="H">Rows of a tile.</typeparam>
internal unsafe struct GemmProblem<V, H>
    where V : struct, IVector<V>
    where H : struct, IConstant
{
    public float* A, B, Y;
    public nint ARow, AStep;  // from row to row of A, and from k to k+1: one of them is 1
    public float* Strips;     // packed strips of A, one after another, or null
    public int StripsFrom;    // the row of the first one
    public nint BStride;      // from row to row of B as it is stored: of k, or if transposed of n
    public nint YStride;
    public bool BTransposed;
    public bool Accumulate;   // chains start at what Y holds
    public int FirstColumn;   // of the whole result: its column 0 here
    public int Rows, Columns, Depth;

    /// <summary>Whether panels have four vectors, not three, as convolutions' may.</summary>
    public bool HasBroadPanels { get; private init; }

    /// <summary>Columns of a whole panel.</summary>
    public readonly int PanelWidth => PanelVectors * V.Width;

    /// <summary>Vectors of a row.</summary>
    public readonly int Vectors => (Columns + V.Width - 1) / V.Width;

    /// <summary>Panels of a row.</summary>
    public readonly int Panels => (Vectors + PanelVectors - 1) / PanelVectors;

    private readonly int PanelVectors => HasBroadPanels ? 4 : 3;

    /// <summary>Panels of three whole vectors; the others follow.</summary>
    public readonly int WholePanels => Vectors % 3 == 1 && Vectors > 1 ? (Vectors / 3) - 1 : Columns / PanelWidth;

    /// <summary>Rows of a block whose k stay in the second-level cache while panels pass.</summary>
    public readonly int RowsOfBlock => Blocking.RowGranule
        * Math.Max(1, Blocking.BlockFloats / Math.Clamp(Depth, 1, Blocking.MaxDepth) / Blocking.RowGranule);

    /// <summary>Units of 8 rows.</summary>
    public readonly int Granules => (Rows + Blocking.RowGranule - 1) / Blocking.RowGranule;

    /// <summary>Returns the column where a panel begins. Four vectors at the end are two panels of two: a tile of one is slow.</summary>
    public readonly int ColumnOf(int panel) => HasBroadPanels
        ? Math.Min(Columns, panel * PanelWidth)
        : Math.Min(Columns, V.Width * ((3 * panel) - (Vectors % 3 == 1 && panel == Vectors / 3 && panel > 0 ? 1 : 0)));

    /// <summary>Returns a panel's width in vectors.</summary>
    public readonly int VectorsOf(int panel) => (ColumnOf(panel + 1) - ColumnOf(panel) + V.Width - 1) / V.Width;

    /// <summary>
    /// Returns the problem with panels of four vectors where they divide its columns and there are registers for their tiles, with 512
    /// bits: a number of A that is loaded is then multiplied four times, not three times or twice.
    /// </summary>
    public readonly GemmProblem<V, H> WithBroadPanels() =>
        this with { HasBroadPanels = H.Value == 8 && Columns > 0 && Columns % (4 * V.Width) == 0 };

    /// <summary>Returns the name in tables of timings: form, shape, and the epilogue's name if it has one.</summary>
    public readonly string Describe(string epilogue)
    {
        string form = BTransposed ? "dy·Wᵀ" : AStep == 1 ? "x·W" : "xᵀ·dy";
        return $"MatMul {form} {Rows}x{Columns}x{Depth} {epilogue}".TrimEnd();
    }

    /// <summary>Returns the fewest tiles of a depth worth a second thread.</summary>
    public readonly int MinTiles(int depth) =>
        (int)(Blocking.MinMultiplyAdds / ((long)H.Value * Math.Min(Columns, PanelWidth) * Math.Max(1, depth))) + 1;

    /// <summary>Returns the fewest units of 8 rows worth a second thread, with a number of panels.</summary>
    public readonly int MinGranules(int depth, int panels) => (MinTiles(depth) * H.Value / Blocking.RowGranule / panels) + 1;

    /// <summary>Returns the problem of some columns.</summary>
    public readonly GemmProblem<V, H> Part(int column, int endColumn) => this with
    {
        B = B + (BTransposed ? column * BStride : column),
        Y = Y + column,
        FirstColumn = FirstColumn + column,
        Columns = endColumn - column,
    };

    /// <summary>Returns the problem of some k, added to those before.</summary>
    public readonly GemmProblem<V, H> Block(int k, int depth) => this with
    {
        A = A + (k * AStep),
        B = B + (k * (BTransposed ? 1 : BStride)),
        Depth = depth,
        Accumulate = Accumulate || k > 0,
    };

    /// <summary>Returns the problem of one column as one of one row, bᵀ·aᵀ: both results have the same memory.</summary>
    public readonly GemmProblem<V, H> ColumnAsRow() => this with
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

    /// <summary>Packs a panel's block of k.</summary>
    public readonly void PackPanel(int panel, int k, int depth, float* packed)
    {
        int column = ColumnOf(panel), width = ColumnOf(panel + 1) - column;
        int vectors = VectorsOf(panel);
        if (BTransposed)
            Packing.Transpose(B + (column * BStride) + k, BStride, width, depth, packed, vectors * V.Width, vectors * V.Width);
        else
            Packing.Copy(B + (k * BStride) + column, BStride, depth, width, packed, vectors * V.Width, vectors * V.Width);
    }

    /// <summary>
    /// Whether a panel can be packed while tiles are computed: one of three whole vectors or, where it is transposed, of any number of
    /// whole ones.
    /// </summary>
    public readonly bool CanInterleave(int panel) =>
        BTransposed ? ColumnOf(panel + 1) - ColumnOf(panel) == V.Width * VectorsOf(panel) : panel < WholePanels;

    /// <summary>Returns a strip of A from a row and k on: in place, or packed if it has fewer rows than a tile.</summary>
    public readonly AStrip StripOf<R>(int row, int k, int depth, float* copy)
        where R : struct, IConstant
    {
        if (Strips != null)
            return new() { At = Strips + ((nint)(row - StripsFrom) * Depth), Row = 1, Step = H.Value, Next = (nint)H.Value * Depth };
        if (Rows - row >= R.Value)
            return new() { At = A + (row * ARow) + k, Row = ARow, Step = 1, Next = R.Value * ARow };
        return PackStrip<R>(row, k, depth, copy);
    }

    /// <summary>Returns the problem with the strips of some rows packed.</summary>
    public readonly GemmProblem<V, H> WithStrips(int row, int rows, float* memory)
    {
        for (int r = 0; r < rows; r += H.Value)
            _ = PackStrip<H>(row + r, 0, Depth, memory + ((nint)r * Depth));
        return this with { Strips = memory, StripsFrom = row };
    }

    /// <summary>Packs a strip of A, with zeros for rows past the last one.</summary>
    public readonly AStrip PackStrip<R>(int row, int k, int depth, float* copy)
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

    /// <summary>Computes one tile at an edge, in a tile of its own from which what exists is copied.</summary>
    public readonly void Edge<R, W>(AStrip a, BPanel panel, int row, int column, int depth, bool accumulate)
        where R : struct, IConstant
        where W : struct, IConstant
    {
        int rows = Math.Min(R.Value, Rows - row), width = Math.Min(W.Value * V.Width, Columns - column), stride = W.Value * V.Width;
        float* tile = stackalloc float[8 * Blocking.MaxPanelColumns];
        float* y = Y + (row * YStride) + column;
        if (accumulate)
            Packing.Copy(y, YStride, rows, width, tile, stride, stride);
        var none = default(NoWork);
        MicroKernel.Run<V, R, W, NoWork>(1, depth, a, panel, new() { At = tile, Row = stride }, accumulate, ref none);
        Packing.Copy(tile, stride, rows, width, y, YStride, width);
    }

    /// <summary>Applies an epilogue to finished rows of the result.</summary>
    public readonly void Finish<E>(E epilogue, int row, int endRow, int column, int endColumn)
        where E : struct, IEpilogue
    {
        if (E.Kind != EpilogueKind.InPlace)
            return;
        for (; row < endRow; row++)
        {
            nint at = (row * YStride) + column;
            epilogue.Finish(Y + at, at + FirstColumn, column + FirstColumn, endColumn - column);
        }
    }
}

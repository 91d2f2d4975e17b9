using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order of a convolution. A thread has pictures of the result, or bands of rows where pictures are large. It copies what it needs of
/// the source with the zeros around it, so that a patch is some runs of numbers, a line of the kernel each; and multiplies the band by one
/// packed panel of the kernel after another, patches being read where they lie.
/// </summary>
/// <remarks>
/// <code>
///   band, of one picture, with zeros around             panel of the kernel: 48 columns,
///   0 0 0 0 0 0 0 0 0 0                                 a row for each tap and channel
///   0 . [a a a]. . . . 0    a patch: TapsDown runs
///   0 . [a a a]. . . . 0    of TapsAcross·Channels      tile: 8 pixels by 3 vectors
///   0 . [a a a]. . . . 0    numbers
/// </code>
/// </remarks>
internal unsafe struct PatchRowJob<V, H, E> : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
    where E : struct, IEpilogue
{
    private const int BandFloats = 64 * 1024; // 256 KiB: with a panel within a second-level cache

    public PatchGrid Grid;
    public float* X;
    public GemmProblem<V, H> P; // of the result as a matrix of all its pixels; its A is the grid's
    public E Epilogue;
    public string Kind;
    public float* Packed;       // all panels
    public float* Memory;       // of all threads

    /// <inheritdoc/>
    public readonly string Name => $"{Kind} {Grid.Rows}x{P.Columns}x{Grid.Depth} {E.Name}".TrimEnd();

    /// <summary>Units: bands of rows of a picture.</summary>
    public readonly int Units => Grid.Pictures * BandsOfPicture;

    /// <summary>Floats of <see cref="Memory"/> for each thread.</summary>
    public readonly int Floats => (PicturesAtOnce * FloatsOf(RowsOfBand)) + (H.Value * Blocking.MaxPanelColumns);

    private readonly int RowsOfBand
    {
        get
        {
            int most = Math.Max(1, ((BandFloats / Math.Max(1, LineFloats)) - Grid.TapsDown + Grid.Stride) / Grid.Stride);
            int bands = (Grid.Height + most - 1) / most;
            return (Grid.Height + bands - 1) / bands;
        }
    }

    private readonly int BandsOfPicture => (Grid.Height + RowsOfBand - 1) / RowsOfBand;

    private readonly int PicturesAtOnce => BandsOfPicture > 1 ? 1 : Math.Max(1, BandFloats / Math.Max(1, FloatsOf(RowsOfBand)));

    private readonly int LineFloats => Grid.PatchedWidth * Grid.Channels;

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        int floats = Floats;
        float* band = Memory + ((nint)CpuDevice.ThisThread * ((floats + 15) & ~15));
        float* tile = band + floats - (H.Value * Blocking.MaxPanelColumns);
        int rowsOfBand = RowsOfBand, bands = BandsOfPicture, most = PicturesAtOnce;
        while (from < to)
        {
            int picture = from / bands, row = (from - (picture * bands)) * rowsOfBand;
            int pictures = Math.Min(most, to - from), rows = Math.Min(rowsOfBand, Grid.Height - row);
            for (int n = 0; n < pictures; n++)
                PatchGather.Band(Grid, X, picture + n, row, rows, band + ((nint)n * FloatsOf(rows)));
            Multiply(picture, pictures, row, rows, band, tile);
            from += pictures;
        }
    }

    private readonly int FloatsOf(int rows) => ((Grid.Stride * (rows - 1)) + Grid.TapsDown) * LineFloats;

    private readonly void Multiply(int picture, int pictures, int row, int rows, float* band, float* tile)
    {
        int pixels = pictures * rows * Grid.Width;
        float** patches = stackalloc float*[8];
        int* places = stackalloc int[8];
        for (int panel = 0; panel < P.Panels; panel++)
        {
            int column = P.ColumnOf(panel), vectors = P.VectorsOf(panel), columns = P.ColumnOf(panel + 1) - column;
            float* packed = Packed + ((nint)P.Depth * column);
            var at = new PatchPlace(Grid, picture, row, rows, band, FloatsOf(rows));
            for (int pixel = 0; pixel < pixels; pixel += H.Value)
            {
                int here = Math.Min(H.Value, pixels - pixel);
                for (int r = 0; r < H.Value; r++)
                {
                    patches[r] = at.Patch;
                    places[r] = at.Pixel;
                    if (r + 1 < here || here == H.Value)
                        at.Next();
                }
                bool inPlace = Grid.IsWhole && here == H.Value && columns == vectors * V.Width;
                var c = inPlace
                    ? new CTile { At = P.Y + (places[0] * P.YStride) + column, Row = P.YStride }
                    : new CTile { At = tile, Row = vectors * V.Width };
                if (vectors == 3)
                    Tile<Three>(patches, packed, c);
                else if (vectors == 2)
                    Tile<Two>(patches, packed, c);
                else
                    Tile<One>(patches, packed, c);
                for (int r = 0; r < here; r++)
                {
                    nint place = (places[r] * P.YStride) + column;
                    if (!inPlace)
                        Packing.Copy(tile + (r * vectors * V.Width), 0, 1, columns, P.Y + place, 0, columns);
                    if (E.Kind == EpilogueKind.InPlace)
                        Epilogue.Finish(P.Y + place, place, column, columns);
                }
            }
        }
    }

    // a chain for each line of the kernel, added in order; zeros where no line reaches these pixels
    private readonly void Tile<W>(float** patches, float* packed, CTile c)
        where W : struct, IConstant
    {
        int depth = Grid.TapsAcross * Grid.Channels;
        for (int line = 0; line == 0 || line < Grid.TapsDown; line++, packed += (nint)depth * W.Value * V.Width)
        {
            int steps = line < Grid.TapsDown ? depth : 0;
            MicroKernel.RunScattered<V, H, W>(steps, patches, (nint)line * LineFloats, packed, c, adds: line > 0);
        }
    }
}

/// <summary>Goes through the pixels of a band, picture after picture and row after row.</summary>
internal unsafe struct PatchPlace
{
    private readonly PatchGrid _grid;
    private readonly int _firstRow, _rows;
    private readonly nint _step, _line, _picture;
    private int _row, _column, _n;
    private float* _lineStart, _pictureStart;

    public PatchPlace(in PatchGrid grid, int picture, int firstRow, int rows, float* band, nint floatsOfPicture)
    {
        (_grid, _firstRow, _rows, _n) = (grid, firstRow, rows, picture);
        (_step, _picture) = ((nint)grid.Stride * grid.Channels, floatsOfPicture);
        _line = (nint)grid.Stride * grid.PatchedWidth * grid.Channels;
        Patch = _lineStart = _pictureStart = band;
        Pixel = PixelOfLine();
    }

    /// <summary>Where the pixel's patch begins.</summary>
    public float* Patch { get; private set; }

    /// <summary>The pixel's number in the result.</summary>
    public int Pixel { get; private set; }

    /// <summary>Goes to the next pixel.</summary>
    public void Next()
    {
        Patch += _step;
        Pixel += _grid.TargetStep;
        if (++_column < _grid.Width)
            return;
        _column = 0;
        Patch = _lineStart += _line;
        if (++_row == _rows)
        {
            (_row, _n) = (0, _n + 1);
            Patch = _lineStart = _pictureStart += _picture;
        }
        Pixel = PixelOfLine();
    }

    private readonly int PixelOfLine()
    {
        int y = (_grid.TargetStep * (_firstRow + _row)) + _grid.TargetRow;
        return (((_n * _grid.TargetHeight) + y) * _grid.TargetWidth) + _grid.TargetColumn;
    }
}

/// <summary>Packs the panels of a convolution's kernel. A unit is a panel.</summary>
internal unsafe struct PackKernelJob<V, H> : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
{
    public PatchGrid Grid;
    public GemmProblem<V, H> P;
    public bool Transposed; // the kernel is multiplied by its columns
    public float* Packed;

    /// <inheritdoc/>
    public readonly string Name => "packing a convolution's kernel";

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        for (; from < to; from++)
            Pack(from, Packed + ((nint)P.Depth * P.ColumnOf(from)));
    }

    // tap by tap: in the kernel's memory a tap has [C, O]
    private readonly void Pack(int panel, float* packed)
    {
        int column = P.ColumnOf(panel), width = P.ColumnOf(panel + 1) - column, padded = P.VectorsOf(panel) * V.Width;
        for (int v = 0; v < Grid.TapsDown; v++)
        {
            for (int u = 0; u < Grid.TapsAcross; u++, packed += (nint)Grid.Channels * padded)
            {
                int place = ((Grid.KernelRow + (Grid.TapStep * v)) * Grid.KernelWidth) + Grid.KernelColumn + (Grid.TapStep * u);
                float* w = P.B + ((nint)place * Grid.Channels * P.Columns);
                if (Transposed)
                    Packing.Transpose(w + ((nint)column * Grid.Channels), Grid.Channels, width, Grid.Channels, packed, padded, padded);
                else
                    Packing.Copy(w + column, P.Columns, Grid.Channels, width, packed, padded, padded);
            }
        }
    }
}

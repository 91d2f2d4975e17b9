using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order of a convolution. A thread copies a band of the source with the zeros around it, so that a patch is some runs of numbers, a
/// line of the kernel each; and multiplies the band by one packed panel of the kernel after another, patches being read where they lie. A
/// line of a panel stays in the first-level cache while all patches pass.
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
    where E : struct, IColumnEpilogue
{
    public PatchGrid Grid;
    public float* X;
    public GemmProblem<V, H> P; // of the result as a matrix of all its pixels; its A is the grid's
    public E Epilogue;
    public string Kind;
    public float* Packed;       // all panels
    public float* Memory;       // of all threads

    /// <inheritdoc/>
    public readonly string Name => $"{Kind} {Grid.Rows}x{P.Columns}x{Grid.Depth} {E.Name}".TrimEnd();

    /// <summary>The bands, which are the units.</summary>
    public readonly PatchBands Bands => new(Grid, LineFloats);

    /// <summary>Floats of <see cref="Memory"/> for each thread.</summary>
    public readonly int Floats => Bands.Floats + TileFloats + (2 * PlacesOf(Bands));

    private static int TileFloats => H.Value * Blocking.MaxPanelColumns;

    private readonly int LineFloats => Grid.PatchedWidth * Grid.Channels;

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        var bands = Bands;
        float* band = Memory + ((nint)CpuDevice.ThisThread * ((Floats + 15) & ~15));
        float* tile = band + bands.Floats;
        int* patches = (int*)(tile + TileFloats), places = patches + PlacesOf(bands);
        int rowsOfBand = bands.Rows, ofPicture = bands.OfPicture, most = bands.AtOnce;
        FindPlaces(Math.Min(most, to - from), rowsOfBand, bands.FloatsOf(rowsOfBand), patches, places);
        while (from < to)
        {
            int picture = from / ofPicture, row = (from - (picture * ofPicture)) * rowsOfBand;
            int pictures = Math.Min(most, to - from), rows = Math.Min(rowsOfBand, Grid.Height - row);
            for (int n = 0; n < pictures; n++)
                PatchGather.Band(Grid, X, picture + n, row, rows, band + ((nint)n * bands.FloatsOf(rows)));
            float* y = P.Y + (Grid.PlaceOf(picture, row) * P.YStride);
            for (int panel = 0; panel < P.Panels; panel++)
                Multiply(panel, pictures * rows * Grid.Width, band, patches, places, y, tile);
            from += pictures;
        }
    }

    // whole strips past the last pixel find a place, too
    private readonly int PlacesOf(PatchBands bands) => (bands.AtOnce * bands.Rows * Grid.Width) + H.Value;

    // Where each pixel's patch begins in the bands, and its place in the result from the first one's on.
    private readonly void FindPlaces(int pictures, int rows, int floatsOfBand, int* patches, int* places)
    {
        int at = 0, first = (int)Grid.PlaceOf(0, 0);
        for (int n = 0; n < pictures; n++)
        {
            for (int i = 0; i < rows; i++)
            {
                int patch = (n * floatsOfBand) + (Grid.Stride * i * LineFloats), place = (int)Grid.PlaceOf(n, i) - first;
                for (int j = 0; j < Grid.Width; j++, at++, patch += Grid.Stride * Grid.Channels, place += Grid.TargetStep)
                    (patches[at], places[at]) = (patch, place);
            }
        }
        for (int more = 0; more < H.Value; more++, at++)
            (patches[at], places[at]) = (0, 0);
    }

    private readonly void Multiply(int panel, int pixels, float* band, int* patches, int* places, float* y, float* tile)
    {
        int column = P.ColumnOf(panel), vectors = P.VectorsOf(panel);
        float* packed = Packed + ((nint)P.Depth * column);
        if (vectors == 3)
            Multiply<Three>(panel, packed, pixels, band, patches, places, y + column, tile);
        else if (vectors == 2)
            Multiply<Two>(panel, packed, pixels, band, patches, places, y + column, tile);
        else
            Multiply<One>(panel, packed, pixels, band, patches, places, y + column, tile);
        if (E.Kind != EpilogueKind.InPlace)
            return;
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            float* at = y + (places[pixel] * P.YStride) + column;
            Epilogue.Finish(at, (nint)(at - P.Y), column, P.ColumnOf(panel + 1) - column);
        }
    }

    private readonly void Multiply<W>(int panel, float* packed, int pixels, float* band, int* patches, int* places, float* y, float* tile)
        where W : struct, IConstant
    {
        int columns = P.ColumnOf(panel + 1) - P.ColumnOf(panel), width = W.Value * V.Width;
        int inPlace = columns == width ? pixels / H.Value : 0;
        Strips<W>(inPlace, packed, band, patches, y, places, P.YStride);
        int* rows = stackalloc int[8] { 0, 1, 2, 3, 4, 5, 6, 7 };
        for (int pixel = inPlace * H.Value; pixel < pixels; pixel += H.Value)
        {
            Strips<W>(1, packed, band, patches + pixel, tile, rows, width);
            for (int r = 0; r < Math.Min(H.Value, pixels - pixel); r++)
                Packing.Copy(tile + (r * width), 0, 1, columns, y + (places[pixel + r] * P.YStride), 0, columns);
        }
    }

    // chain after chain, added in order; zeros where no tap reaches these pixels
    private readonly void Strips<W>(int count, float* packed, float* band, int* patches, float* y, int* places, nint place)
        where W : struct, IConstant
    {
        var a = new ScatteredRows { At = band, Line = LineFloats, Depth = Grid.TapsAcross * Grid.Channels, Step = 1 };
        int most = Grid.LinesOfChain;
        for (int line = 0; line == 0 || line < Grid.TapsDown; line += most)
        {
            a.Lines = Math.Min(most, Grid.TapsDown - line);
            for (int strip = 0; strip < count * H.Value; strip += H.Value)
            {
                a.Rows = patches + strip;
                MicroKernel.RunScattered<V, H, W>(a, packed, new(y, places + strip, place), adds: line > 0);
            }
            a.At += most * a.Line;
            packed += (nint)most * a.Depth * W.Value * V.Width;
        }
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

using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order of a convolution. A thread copies a band of the source with the zeros around it, so that a patch is some runs of numbers, a
/// line of the kernel each; and multiplies the band by one packed panel of the kernel after another, patches being read where they lie. A
/// line of a panel stays in the first-level cache while all patches pass. All grids of a transposed convolution read the same band.
/// </summary>
/// <remarks>
/// <code>
///   band, of one picture, with zeros around             panel of the kernel: up to 64 columns,
///   0 0 0 0 0 0 0 0 0 0                                 a row for each tap and channel
///   0 . [a a a]. . . . 0    a patch: TapsDown runs
///   0 . [a a a]. . . . 0    of TapsAcross·Channels      tile: 8 pixels by 3 vectors, or 6 by 4
///   0 . [a a a]. . . . 0    numbers
/// </code>
/// </remarks>
internal unsafe struct PatchRowJob<V, H, E>(ConvolutionCall call, E epilogue) : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
    where E : struct, IColumnEpilogue
{
    private const int MostRows = 8; // of a tile

    private readonly PatchGrid _around = call.GridAround();
    private readonly GemmProblem<V, H> _p = new GemmProblem<V, H> { Columns = call.Columns }.WithBroadPanels();
    private float* _packed, _memory; // all panels of all grids, and what threads have for themselves

    /// <inheritdoc/>
    public readonly string Name => call.Describe("", E.Name);

    private readonly PatchBands Bands => new(_around, LineFloats);

    private readonly int LineFloats => _around.PatchedWidth * _around.Channels;

    // whole strips past the last pixel find a place, too
    private readonly int Places => (Bands.AtOnce * Bands.Rows * _around.Width) + MostRows;

    private readonly int Floats => (Bands.Floats + Blocking.TileFloats + (2 * Places) + 15) & ~15;

    /// <summary>Computes the result. A unit is a band.</summary>
    public void Run(CpuDevice device)
    {
        var packing = new PackKernelJob<V, H>(call);
        int share = ((packing.Floats / device.Threads) + 31) & ~15;
        _packed = packing.Packed = device.Scratch(share + Floats);
        _memory = _packed + ((nint)share * device.Threads);
        device.Run(ref packing, packing.Count);
        long work = call.MultiplyAdds / Bands.Count;
        device.Run(ref this, Bands.Count, (int)(Blocking.MinMultiplyAdds / Math.Max(1, work)) + 1);
    }

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        var bands = Bands;
        float* band = _memory + ((nint)CpuDevice.ThisThread * Floats);
        int rowsOfBand = bands.Rows, ofPicture = bands.OfPicture;
        var found = default(PatchGrid);
        while (from < to)
        {
            int picture = from / ofPicture, row = (from - (picture * ofPicture)) * rowsOfBand;
            int pictures = Math.Min(bands.AtOnce, to - from), most = Math.Min(rowsOfBand, _around.Height - row);
            int floats = bands.FloatsOf(most);
            for (int n = 0; n < pictures; n++)
                PatchGather.Band(_around, call.X.Pointer(), picture + n, row, most, band + ((nint)n * floats));
            float* packed = _packed;
            for (int n = 0; n < call.Grids; n++)
            {
                var grid = call.Grid(n);
                int rows = Math.Min(rowsOfBand, grid.Height - row);
                if (rows > 0 && grid.Width > 0)
                {
                    if (found.Height != grid.Height || found.Width != grid.Width)
                    {
                        int* patches = (int*)(band + bands.Floats + Blocking.TileFloats);
                        FindPlaces(grid, pictures, Math.Min(rowsOfBand, grid.Height), floats, patches);
                        found = grid; // no band that follows has more pixels
                    }
                    Multiply(grid, picture, pictures * rows * grid.Width, row, band, packed);
                }
                packed += (nint)grid.Depth * _p.Vectors * V.Width;
            }
            from += pictures;
        }
    }

    private readonly void Multiply(in PatchGrid grid, int picture, int pixels, int row, float* band, float* packed)
    {
        int* patches = (int*)(band + Bands.Floats + Blocking.TileFloats);
        var tiles = new PatchTiles
        {
            Pixels = pixels,
            Band = band + ((grid.FirstRow - _around.FirstRow) * LineFloats) + ((grid.FirstColumn - _around.FirstColumn) * grid.Channels),
            Line = LineFloats,
            Patches = patches,
            Y = call.Y.Pointer() + (grid.PlaceOf(picture, row) * call.Columns),
            Places = patches + Places,
            Tile = band + Bands.Floats,
        };
        for (int panel = 0; panel < _p.Panels; panel++)
            Multiply(panel, grid, packed + ((nint)grid.Depth * _p.ColumnOf(panel)), tiles);
        if (E.Kind != EpilogueKind.InPlace)
            return;
        // now that all columns are there: those of a panel need not be a multiple of the loop's lanes
        nint at = (nint)(tiles.Y - call.Y.Pointer());
        int columns = call.Columns;
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            nint place = (nint)tiles.Places[pixel] * columns;
            epilogue.Finish(tiles.Y + place, at + place, 0, columns);
        }
    }

    // Where each pixel's patch begins in the bands, and then its place in the result from the first one's on.
    private readonly void FindPlaces(in PatchGrid grid, int pictures, int rows, int floats, int* patches)
    {
        int* places = patches + Places;
        int at = 0, first = (int)grid.PlaceOf(0, 0), width = grid.Width, step = grid.TargetStep, channels = grid.Stride * grid.Channels;
        for (int n = 0; n < pictures; n++)
        {
            for (int i = 0; i < rows; i++)
            {
                int patch = (n * floats) + (grid.Stride * i * LineFloats), place = (int)grid.PlaceOf(n, i) - first;
                for (int j = 0; j < width; j++, at++, patch += channels, place += step)
                    (patches[at], places[at]) = (patch, place);
            }
        }
        for (int more = 0; more < MostRows; more++, at++)
            (patches[at], places[at]) = (0, 0);
    }

    private readonly void Multiply(int panel, in PatchGrid grid, float* packed, in PatchTiles tiles)
    {
        if (_p.HasBroadPanels)
            Multiply<Six, Four>(panel, grid, packed, tiles);
        else if (_p.VectorsOf(panel) == 3)
            Multiply<H, Three>(panel, grid, packed, tiles);
        else if (_p.VectorsOf(panel) == 2 && H.Value == 4)
            Multiply<Six, Two>(panel, grid, packed, tiles); // sums in twelve of sixteen registers
        else if (_p.VectorsOf(panel) == 2)
            Multiply<H, Two>(panel, grid, packed, tiles);
        else
            Multiply<H, One>(panel, grid, packed, tiles);
    }

    private readonly void Multiply<R, W>(int panel, in PatchGrid grid, float* packed, in PatchTiles tiles)
        where R : struct, IConstant
        where W : struct, IConstant
    {
        int column = _p.ColumnOf(panel), columns = _p.ColumnOf(panel + 1) - column, width = W.Value * V.Width;
        int inPlace = columns == width ? tiles.Pixels / R.Value * R.Value : 0;
        Strips<R, W>(inPlace, grid, packed, tiles, tiles.Patches, new(tiles.Y + column, tiles.Places, call.Columns));
        int* rows = stackalloc int[MostRows] { 0, 1, 2, 3, 4, 5, 6, 7 };
        for (int pixel = inPlace; pixel < tiles.Pixels; pixel += R.Value)
        {
            Strips<R, W>(R.Value, grid, packed, tiles, tiles.Patches + pixel, new(tiles.Tile, rows, width));
            for (int r = 0; r < Math.Min(R.Value, tiles.Pixels - pixel); r++)
            {
                float* y = tiles.Y + ((nint)tiles.Places[pixel + r] * call.Columns) + column;
                Packing.Copy(tiles.Tile + (r * width), 0, 1, columns, y, 0, columns);
            }
        }
    }

    // chain after chain, added in order; zeros where no tap reaches these pixels
    private static void Strips<R, W>(int pixels, in PatchGrid grid, float* packed, in PatchTiles tiles, int* patches, ScatteredTile y)
        where R : struct, IConstant
        where W : struct, IConstant
    {
        var a = new ScatteredRows { At = tiles.Band, Line = tiles.Line, Depth = grid.TapsAcross * grid.Channels, Step = 1 };
        int most = grid.LinesOfChain;
        for (int line = 0; line == 0 || line < grid.TapsDown; line += most)
        {
            a.Lines = Math.Min(most, grid.TapsDown - line);
            for (int pixel = 0; pixel < pixels; pixel += R.Value)
            {
                a.Rows = patches + pixel;
                MicroKernel.RunScattered<V, R, W>(a, packed, y.From(pixel), adds: line > 0);
            }
            a.At += most * a.Line;
            packed += (nint)most * a.Depth * W.Value * V.Width;
        }
    }
}

/// <summary>The pixels of a grid that are multiplied at once: where their patches are, and where they go.</summary>
internal unsafe struct PatchTiles
{
    public int Pixels;
    public float* Band, Y, Tile;   // the first patch, the first pixel, and a tile for pixels that fill none
    public int* Patches, Places;   // from there to each patch, and to each pixel of the result
    public int Line;               // floats from line to line of a patch
}

/// <summary>Packs the panels of a convolution's kernel, for one grid after another. A unit is a panel of a grid.</summary>
internal unsafe struct PackKernelJob<V, H>(ConvolutionCall call) : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
{
    private readonly GemmProblem<V, H> _p = new GemmProblem<V, H> { Columns = call.Columns }.WithBroadPanels();

    public float* Packed;

    /// <inheritdoc/>
    public readonly string Name => "packing a convolution's kernel";

    /// <summary>The number of panels of all grids.</summary>
    public readonly int Count => call.Grids * _p.Panels;

    /// <summary>Floats of all panels: a kernel's rows and columns are divided among grids.</summary>
    public readonly int Floats => checked(call.W.Shape[0] * call.W.Shape[1] * call.X.Shape[3] * _p.Vectors * V.Width);

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        float* packed = Packed;
        for (int n = 0; n < call.Grids; n++)
        {
            var grid = call.Grid(n);
            for (int panel = Math.Max(0, from - (n * _p.Panels)); panel < Math.Min(_p.Panels, to - (n * _p.Panels)); panel++)
                Pack(grid, panel, packed + ((nint)grid.Depth * _p.ColumnOf(panel)));
            packed += (nint)grid.Depth * _p.Vectors * V.Width;
        }
    }

    // tap by tap: in the kernel's memory a tap has [C, O]
    private readonly void Pack(in PatchGrid grid, int panel, float* packed)
    {
        int column = _p.ColumnOf(panel), width = _p.ColumnOf(panel + 1) - column, padded = _p.VectorsOf(panel) * V.Width;
        for (int v = 0; v < grid.TapsDown; v++)
        {
            for (int u = 0; u < grid.TapsAcross; u++, packed += (nint)grid.Channels * padded)
            {
                float* w = call.W.Pointer() + ((nint)grid.KernelTap(v, u) * grid.Channels * call.Columns);
                if (call.Transposed)
                    Packing.Transpose(w + ((nint)column * grid.Channels), grid.Channels, width, grid.Channels, packed, padded, padded);
                else
                    Packing.Copy(w + column, call.Columns, grid.Channels, width, packed, padded, padded);
            }
        }
    }
}

using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order of a convolution with few columns, as a generator's last one is. A tile of theirs would be mostly empty, so a thread
/// multiplies a picture's pixels, and the zeros around it, by the numbers of all taps at once; and a pixel of the result is the sum of its
/// taps' products. A chain is that of a tap.
/// </summary>
/// <remarks>
/// <code>
///   picture with zeros around [pixels, C] · kernel [C, taps·columns] = products [pixels, taps·columns]
///   result at (i, j) = Σ of the products of each tap (v, u) at the pixel that it reaches: those of a tap are moved as a whole
/// </code>
/// </remarks>
internal unsafe struct PatchTapJob<V, H, E>(ConvolutionCall call, E epilogue) : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
    where E : struct, IColumnEpilogue
{
    private const int RowsOfAnyTile = 24; // 4, 6 and 8 divide it

    private readonly PatchGrid _around = call.GridAround();

    private readonly GemmProblem<V, H> _p = new()
    {
        Columns = call.Window.Height * call.Window.Width * call.Columns,
        Depth = call.X.Shape[3],
    };

    private float* _packed, _memory;

    /// <inheritdoc/>
    public readonly string Name => call.Describe(" by taps", E.Name);

    private readonly int PaddedHeight => _around.Height + _around.TapsDown - 1;

    private readonly int PaddedWidth => _around.PatchedWidth;

    private readonly int Pixels => PaddedHeight * PaddedWidth;

    private readonly int PixelsOfStrips => (Pixels + RowsOfAnyTile - 1) / RowsOfAnyTile * RowsOfAnyTile;

    private readonly int PixelsOfResult => call.Y.Shape[1] * call.Y.Shape[2];

    private readonly int PanelWidth => Math.Min(3, _p.Vectors) * V.Width;

    // a picture, the products of a panel and of all, sums; a column of the result and what finishing it reads; the strips' rows and places
    private readonly int Floats =>
        checked((PixelsOfStrips * (_p.Depth + PanelWidth + 2)) + (Pixels * (_p.Columns + 1)) + (2 * PixelsOfResult) + 15) & ~15;

    /// <summary>Computes the result. A unit is a picture.</summary>
    public void Run(CpuDevice device)
    {
        int share = ((_p.Depth * _p.Vectors * V.Width / device.Threads) + 31) & ~15;
        _packed = device.Scratch(share + Floats);
        _memory = _packed + ((nint)share * device.Threads);
        for (int panel = 0; panel < _p.Panels; panel++)
            Pack(panel);
        long work = Math.Max(1, (long)Pixels * _p.Columns * _p.Depth);
        device.Run(ref this, call.Y.Shape[0], (int)(Blocking.MinMultiplyAdds / work) + 1);
    }

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        float* picture = _memory + ((nint)CpuDevice.ThisThread * Floats), products = picture + (PixelsOfStrips * _p.Depth);
        float* taps = products + (PixelsOfStrips * PanelWidth), sums = taps + (Pixels * _p.Columns), column = sums + Pixels;
        int* rows = (int*)(column + (2 * PixelsOfResult)), places = rows + PixelsOfStrips;
        for (int i = 0; i < PixelsOfStrips; i++)
            (rows[i], places[i]) = (i * _p.Depth, i);
        new Span<float>(picture + (Pixels * _p.Depth), (PixelsOfStrips - Pixels) * _p.Depth).Clear();
        for (; from < to; from++)
        {
            PatchGather.Band(_around, call.X.Pointer(), from, 0, _around.Height, picture);
            for (int panel = 0; panel < _p.Panels; panel++)
            {
                if (_p.VectorsOf(panel) == 3)
                    Multiply<H, Three>(panel, picture, rows, places, products, taps);
                else if (_p.VectorsOf(panel) == 2 && H.Value == 4)
                    Multiply<Six, Two>(panel, picture, rows, places, products, taps);
                else if (_p.VectorsOf(panel) == 2)
                    Multiply<H, Two>(panel, picture, rows, places, products, taps);
                else
                    Multiply<H, One>(panel, picture, rows, places, products, taps);
            }
            for (int c = 0; c < call.Columns; c++)
                Finish(from, c, taps, sums, column);
        }
    }

    // packed[c, n] = the kernel's number of channel c, and of tap n / columns and column n % columns
    private readonly void Pack(int panel)
    {
        int column = _p.ColumnOf(panel), width = _p.VectorsOf(panel) * V.Width, channels = _p.Depth;
        float* packed = _packed + (channels * column), w = call.W.Pointer();
        for (int n = column; n < column + width; n++, packed++)
        {
            int tap = n / call.Columns, o = n - (tap * call.Columns);
            for (int c = 0; c < channels; c++)
            {
                int at = call.Transposed ? (n * channels) + c : (((tap * channels) + c) * call.Columns) + o;
                packed[c * width] = n < _p.Columns ? w[at] : 0f;
            }
        }
    }

    // taps[n, pixel] = a panel's products
    private readonly void Multiply<R, W>(int panel, float* picture, int* rows, int* places, float* products, float* taps)
        where R : struct, IConstant
        where W : struct, IConstant
    {
        int column = _p.ColumnOf(panel), columns = _p.ColumnOf(panel + 1) - column, width = W.Value * V.Width;
        var a = new ScatteredRows { At = picture, Rows = rows, Lines = 1, Depth = _p.Depth, Step = 1 };
        var y = new ScatteredTile(products, places, width);
        for (int pixel = 0; pixel < PixelsOfStrips; pixel += R.Value, a.Rows += R.Value)
            MicroKernel.RunScattered<V, R, W>(a, _packed + (_p.Depth * column), y.From(pixel), adds: false);
        Packing.Transpose(products, width, Pixels, columns, taps + ((nint)column * Pixels), Pixels, 0);
    }

    // one column of the result, of all grids
    private readonly void Finish(int picture, int c, float* taps, float* sums, float* column)
    {
        int columns = call.Columns, pixels = PixelsOfResult;
        nint at = ((nint)picture * pixels * columns) + c;
        float* y = call.Y.Pointer() + at, read = epilogue.Read is null ? null : epilogue.Read + at;
        if (columns == 1)
            column = y;
        else if (read is not null)
            read = Gather(read, columns, pixels, column + pixels);
        for (int n = 0; n < call.Grids; n++)
        {
            var grid = call.Grid(n);
            if (grid.Height == 0 || grid.Width == 0)
                continue;
            AddUp(grid, c, taps, sums);
            for (int i = 0; i < grid.Height; i++)
            {
                float* from = sums + (i * PaddedWidth), to = column + grid.PlaceOf(0, i);
                for (int j = 0; j < grid.Width; j++)
                    to[j * grid.TargetStep] = from[j];
            }
        }
        epilogue.FinishColumn(column, read, c, pixels);
        for (int i = 0; columns > 1 && i < pixels; i++)
            y[i * columns] = column[i];
    }

    private static float* Gather(float* from, int columns, int pixels, float* to)
    {
        for (int i = 0; i < pixels; i++)
            to[i] = from[i * columns];
        return to;
    }

    // all pixels of a grid, and between its rows numbers that nobody reads
    private readonly void AddUp(in PatchGrid grid, int c, float* taps, float* sums)
    {
        int width = PaddedWidth, count = ((grid.Height - 1) * width) + grid.Width;
        int first = ((grid.FirstRow - _around.FirstRow) * width) + grid.FirstColumn - _around.FirstColumn;
        if (grid.Depth == 0)
            new Span<float>(sums, count).Clear();
        for (int v = 0; v < grid.TapsDown; v++)
        {
            for (int u = 0; u < grid.TapsAcross; u++)
            {
                float* products = taps + ((nint)((grid.KernelTap(v, u) * call.Columns) + c) * Pixels) + first + (v * width) + u;
                if (v == 0 && u == 0)
                    new Span<float>(products, count).CopyTo(new(sums, count));
                else
                    CpuLoop.Run(new AddTo(products, sums), 0, count);
            }
        }
    }
}

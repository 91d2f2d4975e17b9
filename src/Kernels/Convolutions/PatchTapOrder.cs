using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order of a convolution with few columns, as a generator's last one is. A tile of theirs would be mostly empty, so a thread
/// multiplies a picture's pixels, as they lie, by the numbers of all taps at once, and a pixel of the result is the sum of its taps'
/// products. A chain is that of a tap.
/// </summary>
/// <remarks>
/// <code>
///   source [pixels, C] · kernel [C, taps·columns] = products [pixels, taps·columns]
///   result at (i, j) = Σ of the products of each tap (v, u) at the pixel that it reaches, or 0 beyond the edge
/// </code>
/// </remarks>
internal unsafe struct PatchTapJob<V, H, E>(ConvolutionCall call, E epilogue) : IJob
    where V : struct, IVector<V>
    where H : struct, IConstant
    where E : struct, IColumnEpilogue
{
    private readonly GemmProblem<V, H> _p = new()
    {
        Rows = call.X.Shape[1] * call.X.Shape[2],
        Columns = call.Window.Height * call.Window.Width * call.Columns,
        Depth = call.X.Shape[3],
    };

    private float* _packed, _edge, _memory;

    /// <inheritdoc/>
    public readonly string Name => $"{call.Kind} by taps {call.Y.Shape.Rows}x{call.Columns}x{call.Grid(0).Depth} {E.Name}".TrimEnd();

    private readonly int Stride => _p.Vectors * V.Width; // of the products

    private readonly int Strips => (_p.Rows + H.Value - 1) / H.Value;

    private readonly int FloatsOfProducts => Strips * H.Value * Stride;

    // the products, a row of one column of the result, what finishing it reads, the strips' rows and their places
    private readonly int Floats => (FloatsOfProducts + (2 * call.Y.Shape[2]) + (2 * Strips * H.Value) + 15) & ~15;

    /// <summary>Computes the result. A unit is a picture.</summary>
    public void Run(CpuDevice device)
    {
        int share = (((_p.Depth + 1) * Stride / device.Threads) + 31) & ~15;
        _packed = device.Scratch(share + Floats);
        _edge = _packed + (_p.Depth * Stride);
        _memory = _packed + ((nint)share * device.Threads);
        for (int panel = 0; panel < _p.Panels; panel++)
            Pack(panel);
        long work = Math.Max(1, (long)_p.Rows * _p.Columns * _p.Depth);
        device.Run(ref this, call.Y.Shape[0], (int)(Blocking.MinMultiplyAdds / work) + 1);
    }

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        float* products = _memory + ((nint)CpuDevice.ThisThread * Floats), sums = products + FloatsOfProducts;
        int* rows = (int*)(sums + (2 * call.Y.Shape[2])), places = rows + (Strips * H.Value);
        for (int i = 0; i < Strips * H.Value; i++)
            (rows[i], places[i]) = (i < _p.Rows ? i * _p.Depth : 0, i);
        for (; from < to; from++)
        {
            float* picture = call.X.Pointer() + ((nint)from * _p.Rows * _p.Depth);
            for (int panel = 0; panel < _p.Panels; panel++)
            {
                if (_p.VectorsOf(panel) == 3)
                    Multiply<Three>(panel, picture, rows, places, products);
                else if (_p.VectorsOf(panel) == 2)
                    Multiply<Two>(panel, picture, rows, places, products);
                else
                    Multiply<One>(panel, picture, rows, places, products);
            }
            for (int n = 0; n < call.Grids; n++)
                AddUp(call.Grid(n), from, products, sums);
        }
    }

    // packed[c, n] = the kernel's number of channel c, and of tap n / columns and column n % columns; edge[n] = its product with zeros
    private readonly void Pack(int panel)
    {
        int column = _p.ColumnOf(panel), width = _p.VectorsOf(panel) * V.Width, channels = _p.Depth;
        float* packed = _packed + (channels * column), w = call.W.Pointer();
        for (int n = column; n < column + width; n++, packed++)
        {
            int tap = n / call.Columns, o = n - (tap * call.Columns);
            _edge[n] = 0f;
            for (int c = 0; c < channels; c++)
            {
                int at = call.Transposed ? (n * channels) + c : (((tap * channels) + c) * call.Columns) + o;
                packed[c * width] = n < _p.Columns ? w[at] : 0f;
                _edge[n] += 0f * packed[c * width]; // 0, or NaN
            }
        }
    }

    private readonly void Multiply<W>(int panel, float* picture, int* rows, int* places, float* products)
        where W : struct, IConstant
    {
        int column = _p.ColumnOf(panel);
        var a = new ScatteredRows { At = picture, Lines = 1, Depth = _p.Depth, Step = 1 };
        for (int strip = 0; strip < Strips; strip++, rows += H.Value, places += H.Value)
        {
            a.Rows = rows;
            MicroKernel.RunScattered<V, H, W>(
                a, _packed + (_p.Depth * column), new(products + column, places, Stride), adds: false);
        }
    }

    private readonly void AddUp(in PatchGrid grid, int picture, float* products, float* sums)
    {
        float* read = epilogue.Read is null ? null : sums + grid.Width;
        nint step = grid.TargetStep * call.Columns;
        for (int i = 0; i < grid.Height; i++)
        {
            for (int column = 0; column < call.Columns; column++)
            {
                AddUpRow(grid, i, products + column, _edge + column, sums);
                nint place = (grid.PlaceOf(picture, i) * call.Columns) + column;
                for (int j = 0; read is not null && j < grid.Width; j++)
                    read[j] = epilogue.Read[place + (j * step)];
                epilogue.FinishColumn(sums, read, column, grid.Width);
                float* y = call.Y.Pointer() + place;
                for (int j = 0; j < grid.Width; j++)
                    y[j * step] = sums[j];
            }
        }
    }

    // a row of pixels of one column
    private readonly void AddUpRow(in PatchGrid grid, int i, float* products, float* edge, float* sums)
    {
        new Span<float>(sums, grid.Width).Clear();
        bool isFirst = true;
        for (int v = 0; v < grid.TapsDown; v++)
        {
            int y = (grid.Stride * i) + grid.FirstRow + v;
            for (int u = 0; u < grid.TapsAcross; u++, isFirst = false)
            {
                int x = grid.FirstColumn + u, end = 0, first = 0;
                if ((uint)y < (uint)grid.SourceHeight)
                {
                    first = Math.Clamp(-x, 0, grid.Width);
                    end = Math.Clamp(grid.SourceWidth - x, first, grid.Width);
                }
                int place = ((grid.KernelRow + (grid.TapStep * v)) * grid.KernelWidth) + grid.KernelColumn + (grid.TapStep * u);
                float* of = products + (((nint)y * grid.SourceWidth) + x) * Stride + (place * call.Columns);
                float beyond = edge[place * call.Columns];
                if (isFirst)
                {
                    new Span<float>(sums, first).Fill(beyond);
                    for (int j = first; j < end; j++)
                        sums[j] = of[(nint)j * Stride];
                    new Span<float>(sums + end, grid.Width - end).Fill(beyond);
                    continue;
                }
                for (int j = 0; j < first; j++)
                    sums[j] += beyond;
                for (int j = first; j < end; j++)
                    sums[j] += of[(nint)j * Stride];
                for (int j = end; j < grid.Width; j++)
                    sums[j] += beyond;
            }
        }
    }
}

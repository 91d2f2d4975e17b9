using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The order of the gradient of a kernel with few columns, as a generator's last one is. A tile of theirs would be mostly empty, so a
/// thread takes the channels of a tap side by side, as they lie in the source, and multiplies them by one number of dy, pixel after pixel:
/// the chains are those of <see cref="PatchColumnJob{V, H}"/>.
/// </summary>
internal unsafe struct PatchPixelJob(PatchGrid grid, Tensor x, Tensor dy, Tensor dw, bool accumulates) : IJob
{
    private const int MostColumns = 4, FewestChannels = Simd.Lanes, GroupChannels = 4 * Simd.Lanes;

    private float* _memory;

    /// <inheritdoc/>
    public readonly string Name => $"Convolution kernel's gradient by pixels {grid.Depth}x{dw.Shape[3]}x{grid.Rows}";

    private readonly int Floats => (PatchGather.FloatsOfSources(grid) + 15) & ~15;

    /// <summary>Tells whether this order suits a gradient.</summary>
    public static bool Suits(in PatchGrid grid, int columns) => columns <= MostColumns && grid.Channels >= FewestChannels;

    private readonly int GroupsOfTap => (grid.Channels + GroupChannels - 1) / GroupChannels;

    /// <summary>Computes the gradient. A unit is a group of a tap's channels.</summary>
    public void Run(CpuDevice device)
    {
        _memory = device.Scratch(Floats);
        long work = (long)grid.Rows * Math.Min(grid.Channels, GroupChannels) * dw.Shape[3];
        int units = grid.TapsDown * grid.TapsAcross * GroupsOfTap;
        device.Run(ref this, units, (int)(Blocking.MinMultiplyAdds / Math.Max(1, work)) + 1);
    }

    /// <inheritdoc/>
    public readonly void Run(int from, int to)
    {
        float* memory = _memory + ((nint)CpuDevice.ThisThread * Floats);
        int columns = dw.Shape[3], channels = grid.Channels;
        for (int m = 0; m == 0 || m < grid.Rows; m += Convolution.RowsOfBlock)
        {
            int pixels = Math.Min(Convolution.RowsOfBlock, grid.Rows - m);
            for (int unit = from, found = -1; unit < to; unit++)
            {
                int tap = unit / GroupsOfTap, first = (unit - (tap * GroupsOfTap)) * GroupChannels;
                if (found != tap)
                    PatchGather.FindSources(grid, x.Pointer(), m, pixels, (found = tap) * channels, channels, memory);
                for (int column = 0; column < columns; column++)
                {
                    var block = new Block
                    {
                        Sources = (float**)memory,
                        Pixels = pixels,
                        Dy = dy.Pointer() + ((nint)m * columns) + column,
                        Dw = dw.Pointer() + (tap * channels * columns) + column,
                        Columns = columns,
                        Adds = m > 0 || accumulates,
                    };
                    block.Run(first, Math.Min(first + GroupChannels, channels));
                }
            }
        }
    }

    // the pixels of a block, for one tap and column
    private struct Block
    {
        public float** Sources;
        public int Pixels, Columns;
        public float* Dy, Dw;
        public bool Adds;

        public readonly void Run(int c, int end)
        {
            if (end - c == GroupChannels)
            {
                FourChains<Simd>(c);
                return;
            }
            for (; c <= end - Simd.Lanes; c += Simd.Lanes)
                Chain<Simd>(c);
            for (; c < end; c++)
                Chain<Scalar>(c);
        }

        private readonly void FourChains<L>(int c)
            where L : struct, IFloatLane<L>
        {
            L sum0 = L.Of(0), sum1 = L.Of(0), sum2 = L.Of(0), sum3 = L.Of(0);
            for (int m = 0; m < Pixels; m++)
            {
                float* from = Sources[m] + c;
                L dy = L.Of(Dy[m * Columns]);
                sum0 = L.MultiplyAdd(L.Load(from), dy, sum0);
                sum1 = L.MultiplyAdd(L.Load(from + L.Width), dy, sum1);
                sum2 = L.MultiplyAdd(L.Load(from + (2 * L.Width)), dy, sum2);
                sum3 = L.MultiplyAdd(L.Load(from + (3 * L.Width)), dy, sum3);
            }
            End(c, sum0);
            End(c + L.Width, sum1);
            End(c + (2 * L.Width), sum2);
            End(c + (3 * L.Width), sum3);
        }

        private readonly void Chain<L>(int c)
            where L : struct, IFloatLane<L>
        {
            L sum = L.Of(0);
            for (int m = 0; m < Pixels; m++)
                sum = L.MultiplyAdd(L.Load(Sources[m] + c), L.Of(Dy[m * Columns]), sum);
            End(c, sum);
        }

        private readonly void End<L>(int c, L sum)
            where L : struct, IFloatLane<L>
        {
            float* sums = stackalloc float[Simd.Lanes];
            L.Store(sums, sum);
            for (int i = 0; i < L.Width; i++)
            {
                float* to = Dw + ((c + i) * Columns);
                *to = Adds ? *to + sums[i] : sums[i];
            }
        }
    }
}

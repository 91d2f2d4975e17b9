using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// The dense matrix product on a device. Every element of the result is one chain of fused multiply-adds in the order of k, as on the CPU, so which tile
/// computes it changes no bit.
/// </summary>
/// <remarks>
/// <code>
///                     n: Side columns          A group of threads computes Side x Side elements; each thread has a tile of them in registers, a struct of
///              k  +-------------------+        its sums (MatMulTiles), four by four in each quarter of a large one, so that the threads of a warp read
///                 |  B in shared      |        shared memory side by side.
///          k      +-------------------+
///      +-------+  +-------------------+        A block of k, Depth steps, is brought into shared memory, k outermost, while the registers still compute
/// m:   |   A   |  | a thread: ##  ##  |        with the block before: there are two buffers, so one barrier a block is enough, and the next numbers are
/// Side |shared |  |           ##  ##  |        already on their way. Where rows are multiples of four, four numbers are read at once.
///      |       |  |           ##  ##  |
///      +-------+  +-------------------+        What lies outside of the matrix is never computed with: places are clamped to its edge, sums that belong to
///                                              none are not stored, and of the last block only the steps that there are are done.
/// </code>
/// </remarks>
internal static class MatMulKernels
{
    private const long ManyGroups = 256; // about two for each multiprocessor of a large GPU

    /// <summary>y = f(a·b + bias), or with what an activation put out f'(activated) times the product, or onto what is in y; shapes are checked.</summary>
    public static void Launch<F>(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor? bias, F activation, Tensor? activated, bool onto, Tensor y)
        where F : struct, IActivation
    {
        var device = y.Device;
        if (activated is not null)
            WithEpilogue(a, transposeA, b, transposeB, new SlopeEpilogue<F>(activation, activated.On(device)), y);
        else if (bias is not null)
            WithEpilogue(a, transposeA, b, transposeB, new BiasEpilogue<F>(activation, bias.On(device)), y);
        else if (onto)
            WithEpilogue(a, transposeA, b, transposeB, default(OntoEpilogue), y);
        else if (typeof(F) == typeof(Identity))
            WithEpilogue(a, transposeA, b, transposeB, default(StoreEpilogue), y);
        else
            WithEpilogue(a, transposeA, b, transposeB, new ActivationEpilogue<F>(activation), y);
    }

    private static void WithEpilogue<E>(Tensor a, bool transposeA, Tensor b, bool transposeB, E epilogue, Tensor y)
        where E : struct, IDeviceEpilogue
    {
        var (m, n, k) = (y.Shape[0], y.Shape[1], a.Shape[transposeA ? 0 : 1]);
        if (m == 0 || n == 0)
            return;
        var device = y.Device;
        var arguments = new MatMulArguments<E>(a.On(device), b.On(device), y.On(device), epilogue, m, n, k);
        if (Groups<LargeTile>(m, n) >= ManyGroups)
            WithTile<LargeTile, E>(device, transposeA, transposeB, arguments);
        else if (Groups<MiddleTile>(m, n) >= ManyGroups)
            WithTile<MiddleTile, E>(device, transposeA, transposeB, arguments);
        else if (device is AcceleratorDevice { Description.IsCpu: true })
            WithTile<SmallTile, E>(device, transposeA, transposeB, arguments);
        else
            WithTile<FineTile, E>(device, transposeA, transposeB, arguments); // four times the threads: most of a GPU's schedulers would have none else
    }

    private static long Groups<T>(int m, int n)
        where T : struct, ITile<T> => (long)Tiles<T>(m) * Tiles<T>(n);

    private static int Tiles<T>(int extent)
        where T : struct, ITile<T> => (extent + T.Side - 1) / T.Side;

    /// <summary>Launches the product with a tile of the caller's choice.</summary>
    internal static void WithTile<T, E>(Device device, bool transposeA, bool transposeB, MatMulArguments<E> arguments)
        where T : struct, ITile<T>
        where E : struct, IDeviceEpilogue
    {
        if (transposeA && transposeB)
            WithLayouts<T, AlongSide, AlongDepth, E>(device, arguments);
        else if (transposeA)
            WithLayouts<T, AlongSide, AlongSide, E>(device, arguments);
        else if (transposeB)
            WithLayouts<T, AlongDepth, AlongDepth, E>(device, arguments);
        else
            WithLayouts<T, AlongDepth, AlongSide, E>(device, arguments);
    }

    private static void WithLayouts<T, LA, LB, E>(Device device, MatMulArguments<E> arguments)
        where T : struct, ITile<T>
        where LA : struct, ILayout
        where LB : struct, ILayout
        where E : struct, IDeviceEpilogue
    {
        var (m, n, k) = (arguments.M, arguments.N, arguments.K);
        var grid = new Index2D(Tiles<T>(m), Tiles<T>(n)); // rows first: of the other ones CUDA has at most 65,535
        if (k > 0 && LA.RowLength(m, k) % 4 == 0 && LB.RowLength(n, k) % 4 == 0 && n % 4 == 0)
            Launcher.Groups(device, grid, T.Threads, MatMulKernel<T, LA, LB, ByFour, E>, arguments);
        else
            Launcher.Groups(device, grid, T.Threads, MatMulKernel<T, LA, LB, OneByOne, E>, arguments);
    }

    internal static void MatMulKernel<T, LA, LB, W, E>(MatMulArguments<E> p)
        where T : struct, ITile<T>
        where LA : struct, ILayout
        where LB : struct, ILayout
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        int row = Grid.IdxX * T.Side, column = Grid.IdxY * T.Side;
        var sums = T.Begin(p, row, column);
        int stride = (T.Side / 4) + 1, buffer = T.Depth * stride; // in fours; the odd one keeps threads that write below each other out of the same bank
        var sharedA = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var sharedB = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        int whole = p.K / T.Depth, left = p.K - (whole * T.Depth), now = 0;

        if (p.K > 0)
        {
            Bring<T, LA, W>(p.A, row, p.M, 0, p.K, sharedA, 0);
            Bring<T, LB, W>(p.B, column, p.N, 0, p.K, sharedB, 0);
        }
        Group.Barrier();
        for (int block = 1; block <= whole; block++)
        {
            int k = block * T.Depth, next = buffer - now;
            F4 a0 = Fetch<T, LA, W>(p.A, row, p.M, k, p.K, 0), b0 = Fetch<T, LB, W>(p.B, column, p.N, k, p.K, 0), a1 = default, b1 = default;
            if (T.Reads == 2)
            {
                a1 = Fetch<T, LA, W>(p.A, row, p.M, k, p.K, 1);
                b1 = Fetch<T, LB, W>(p.B, column, p.N, k, p.K, 1);
            }
            sums = T.Steps(sums, sharedA, sharedB, now);
            Keep<T, LA, W>(a0, sharedA, next, 0);
            Keep<T, LB, W>(b0, sharedB, next, 0);
            if (T.Reads == 2)
            {
                Keep<T, LA, W>(a1, sharedA, next, 1);
                Keep<T, LB, W>(b1, sharedB, next, 1);
            }
            now = next;
            Group.Barrier();
        }
        for (int step = 0; step < left; step++)
            sums = T.Step(sums, sharedA, sharedB, now + (step * stride));
        T.End<W, E>(p, row, column, sums);
    }

    private static void Bring<T, L, W>(ArrayView<float> from, int side, int sides, int k, int depth, ArrayView<F4> shared, int buffer)
        where T : struct, ITile<T>
        where L : struct, ILayout
        where W : struct, IWidth
    {
        for (int read = 0; read < T.Reads; read++)
            Keep<T, L, W>(Fetch<T, L, W>(from, side, sides, k, depth, read), shared, buffer, read);
    }

    /// <summary>
    /// Reads four of a thread's numbers of the block that begins at k. Outside of the matrix those at its edge are read in their place, since a read that
    /// always happens begins earlier than one that depends on a condition.
    /// </summary>
    private static F4 Fetch<T, L, W>(ArrayView<float> from, int side, int sides, int k, int depths, int read)
        where T : struct, ITile<T>
        where L : struct, ILayout
        where W : struct, IWidth
    {
        if (W.ByFour)
        {
            int n = 4 * (Group.IdxX + (read * T.Threads));
            int s = Math.Min(side + L.SideOf<T>(n), sides - L.SidesAtOnce), d = Math.Min(k + L.DepthOf<T>(n), depths - L.DepthsAtOnce);
            return from.Cast<F4>()[L.Index(s, d, sides, depths) >> 2];
        }
        return new F4
        {
            X = One<T, L>(from, side, sides, k, depths, read, 0),
            Y = One<T, L>(from, side, sides, k, depths, read, 1),
            Z = One<T, L>(from, side, sides, k, depths, read, 2),
            W = One<T, L>(from, side, sides, k, depths, read, 3),
        };
    }

    private static float One<T, L>(ArrayView<float> from, int side, int sides, int k, int depths, int read, int i)
        where T : struct, ITile<T>
        where L : struct, ILayout
    {
        int n = Group.IdxX + (((4 * read) + i) * T.Threads); // neighbours read side by side
        return from[L.Index(Math.Min(side + L.SideOf<T>(n), sides - 1), Math.Min(k + L.DepthOf<T>(n), depths - 1), sides, depths)];
    }

    /// <summary>Writes four numbers where all threads find them.</summary>
    private static void Keep<T, L, W>(F4 four, ArrayView<F4> shared, int buffer, int read)
        where T : struct, ITile<T>
        where L : struct, ILayout
        where W : struct, IWidth
    {
        int n = 4 * (Group.IdxX + (read * T.Threads)), stride = (T.Side / 4) + 1;
        if (W.ByFour && L.SidesAtOnce == 4) // side by side there too
        {
            shared[buffer + (L.DepthOf<T>(n) * stride) + (L.SideOf<T>(n) >> 2)] = four;
            return;
        }
        var one = shared.Cast<float>();
        if (W.ByFour)
        {
            int at = (4 * (buffer + (L.DepthOf<T>(n) * stride))) + L.SideOf<T>(n);
            one[at] = four.X;
            one[at + (4 * stride)] = four.Y;
            one[at + (8 * stride)] = four.Z;
            one[at + (12 * stride)] = four.W;
            return;
        }
        one[Place<T, L>(buffer, read, 0)] = four.X;
        one[Place<T, L>(buffer, read, 1)] = four.Y;
        one[Place<T, L>(buffer, read, 2)] = four.Z;
        one[Place<T, L>(buffer, read, 3)] = four.W;
    }

    private static int Place<T, L>(int buffer, int read, int i)
        where T : struct, ITile<T>
        where L : struct, ILayout
    {
        int n = Group.IdxX + (((4 * read) + i) * T.Threads);
        return (4 * (buffer + (L.DepthOf<T>(n) * ((T.Side / 4) + 1)))) + L.SideOf<T>(n);
    }
}

/// <summary>What a product's kernel is given: a·b over K, whose sums an epilogue takes to y[M,N].</summary>
internal readonly record struct MatMulArguments<E>(ArrayView<float> A, ArrayView<float> B, ArrayView<float> Y, E Epilogue, int M, int N, int K)
    where E : struct, IDeviceEpilogue;

/// <summary>How an operand lies in memory, and how a block's numbers of it fall to threads, so that neighbours read side by side.</summary>
internal interface ILayout
{
    /// <summary>Places along the side that four numbers side by side in memory have.</summary>
    static abstract int SidesAtOnce { get; }

    /// <summary>Steps of k that they have.</summary>
    static abstract int DepthsAtOnce { get; }

    /// <summary>Numbers of a row in memory.</summary>
    static abstract int RowLength(int sides, int depths);

    /// <summary>Where a number lies in memory.</summary>
    static abstract int Index(int side, int depth, int sides, int depths);

    /// <summary>The place along the side of a block's n-th number.</summary>
    static abstract int SideOf<T>(int n)
        where T : struct, ITile<T>;

    /// <summary>Its place along k.</summary>
    static abstract int DepthOf<T>(int n)
        where T : struct, ITile<T>;
}

/// <summary>Rows run along the result's side: b, or a transposed.</summary>
internal readonly struct AlongSide : ILayout
{
    public static int SidesAtOnce => 4;

    public static int DepthsAtOnce => 1;

    public static int RowLength(int sides, int depths) => sides;

    public static int Index(int side, int depth, int sides, int depths) => (depth * sides) + side;

    public static int SideOf<T>(int n)
        where T : struct, ITile<T> => (int)((uint)n % (uint)T.Side);

    public static int DepthOf<T>(int n)
        where T : struct, ITile<T> => (int)((uint)n / (uint)T.Side);
}

/// <summary>Rows run along k: a, or b transposed.</summary>
internal readonly struct AlongDepth : ILayout
{
    public static int SidesAtOnce => 1;

    public static int DepthsAtOnce => 4;

    public static int RowLength(int sides, int depths) => depths;

    public static int Index(int side, int depth, int sides, int depths) => (side * depths) + depth;

    public static int SideOf<T>(int n)
        where T : struct, ITile<T> => (int)((uint)n / (uint)T.Depth);

    public static int DepthOf<T>(int n)
        where T : struct, ITile<T> => (int)((uint)n % (uint)T.Depth);
}

/// <summary>Whether numbers are read four at a time.</summary>
internal interface IWidth
{
    static abstract bool ByFour { get; }
}

/// <summary>Rows are multiples of four numbers, so that sixteen bytes are read at once.</summary>
internal readonly struct ByFour : IWidth
{
    static bool IWidth.ByFour => true;
}

/// <summary>Rows have any length.</summary>
internal readonly struct OneByOne : IWidth
{
    static bool IWidth.ByFour => false;
}

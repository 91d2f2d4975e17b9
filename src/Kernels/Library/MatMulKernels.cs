using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>The tiles of a matrix product on a device: constants to the compiler.</summary>
internal interface ITile
{
    /// <summary>Rows, and columns, of the part of the result that a group computes.</summary>
    static abstract int Side { get; }

    /// <summary>Rows, and columns, of the part of it that a thread computes.</summary>
    static abstract int Thread { get; }
}

/// <summary>128 by 128, 8 by 8 a thread: for large matrices, where a number that was read from memory is used 128 times.</summary>
internal readonly struct LargeTile : ITile
{
    public static int Side => 128;

    public static int Thread => 8;
}

/// <summary>64 by 64, 4 by 4 a thread: more groups where there is less to compute.</summary>
internal readonly struct MiddleTile : ITile
{
    public static int Side => 64;

    public static int Thread => 4;
}

/// <summary>32 by 32, 2 by 2 a thread: for a batch's products, so that every multiprocessor has some.</summary>
internal readonly struct SmallTile : ITile
{
    public static int Side => 32;

    public static int Thread => 2;
}

/// <summary>
/// The dense matrix product on a device. Every element of the result is one chain of fused multiply-adds in the order of k, as on the CPU, so which tile
/// computes it changes no bit.
/// </summary>
/// <remarks>
/// <code>
///                     n: Side columns          A group of 256 threads computes Side x Side elements; thread t has Thread x Thread of
///              k  +-------------------+        them in registers, four by four in each quarter of a large tile, so that the threads of
///                 |  B in shared      |        a warp read shared memory side by side.
///          k      +-------------------+
///      +-------+  +-------------------+        A step brings 1,024 numbers of each operand into shared memory, k outermost, while
/// m:   |   A   |  | a thread: ##  ##  |        the registers still compute with those of the step before: there are two buffers,
/// Side |shared |  |           ##  ##  |        so one barrier a step is enough, and the next numbers are already on their way.
///      |       |  |           ##  ##  |        Where rows are multiples of four, four numbers are read at once.
///      +-------+  +-------------------+
/// </code>
/// </remarks>
internal static class MatMulKernels
{
    private const int Threads = Launcher.GroupSize;
    private const int Across = 16;          // threads side by side, and rows of them
    public const int PerStep = 4 * Threads; // numbers of an operand that a step brings: four a thread
    private const int Padding = 4;          // keeps threads that write below each other out of the same bank
    private const long ManyGroups = 256;    // about two for each multiprocessor of a large GPU

    /// <summary>y = f(a·b + bias); shapes are checked.</summary>
    public static void Launch<F>(
        Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor? bias, F activation, Tensor? activated, Tensor y)
        where F : struct, IActivation
    {
        if (activated is not null)
        {
            Launch(a, transposeA, b, transposeB, null, default(Identity), null, y);
            Elementwise.MapBackward(activation, activated, activated, y, y);
            return;
        }
        var (m, n, k) = (y.Shape[0], y.Shape[1], a.Shape[transposeA ? 0 : 1]);
        if (m == 0 || n == 0)
            return;
        var arguments = new MatMulArguments<F>(
            a.On(y.Device), b.On(y.Device), (bias ?? y).On(y.Device), y.On(y.Device), activation, m, n, k, bias is not null);
        if (Groups<LargeTile>(m, n) >= ManyGroups)
            WithTile<LargeTile, F>(y.Device, transposeA, transposeB, arguments);
        else if (Groups<MiddleTile>(m, n) >= ManyGroups)
            WithTile<MiddleTile, F>(y.Device, transposeA, transposeB, arguments);
        else
            WithTile<SmallTile, F>(y.Device, transposeA, transposeB, arguments);
    }

    private static long Groups<T>(int m, int n)
        where T : struct, ITile => (long)Tiles<T>(m) * Tiles<T>(n);

    private static int Tiles<T>(int extent)
        where T : struct, ITile => (extent + T.Side - 1) / T.Side;

    internal static void WithTile<T, F>(Device device, bool transposeA, bool transposeB, MatMulArguments<F> arguments)
        where T : struct, ITile
        where F : struct, IActivation
    {
        if (transposeA && transposeB)
            WithLayouts<T, AlongSide, AlongDepth, F>(device, arguments);
        else if (transposeA)
            WithLayouts<T, AlongSide, AlongSide, F>(device, arguments);
        else if (transposeB)
            WithLayouts<T, AlongDepth, AlongDepth, F>(device, arguments);
        else
            WithLayouts<T, AlongDepth, AlongSide, F>(device, arguments);
    }

    private static void WithLayouts<T, LA, LB, F>(Device device, MatMulArguments<F> arguments)
        where T : struct, ITile
        where LA : struct, ILayout
        where LB : struct, ILayout
        where F : struct, IActivation
    {
        var (m, n, k) = (arguments.M, arguments.N, arguments.K);
        var grid = new GridSize(Tiles<T>(m), Tiles<T>(n)); // rows first: of the other ones CUDA has at most 65,535
        if (LA.RowLength(m, k) % 4 == 0 && LB.RowLength(n, k) % 4 == 0 && n % 4 == 0)
            Launcher.Groups(device, grid, Threads, MatMulKernel<T, LA, LB, ByFour, F>, arguments);
        else
            Launcher.Groups(device, grid, Threads, MatMulKernel<T, LA, LB, OneByOne, F>, arguments);
    }

    private static void MatMulKernel<T, LA, LB, W, F>(MatMulArguments<F> p)
        where T : struct, ITile
        where LA : struct, ILayout
        where LB : struct, ILayout
        where W : struct, IWidth
        where F : struct, IActivation
    {
        var sums = LocalMemory.Allocate<float>(T.Thread * T.Thread);
        for (int i = 0; i < T.Thread * T.Thread; i++)
            sums[i] = 0f;
        int row = Grid.IdxX * T.Side, column = Grid.IdxY * T.Side;
        if (p.K > 0)
            Multiply<T, LA, LB, W, F>(p, row, column, sums);
        Write<T, W, F>(p, row, column, sums);
    }

    /// <summary>sums = a·b for the group's part of the result.</summary>
    private static void Multiply<T, LA, LB, W, F>(MatMulArguments<F> p, int row, int column, ArrayView<float> sums)
        where T : struct, ITile
        where LA : struct, ILayout
        where LB : struct, ILayout
        where W : struct, IWidth
        where F : struct, IActivation
    {
        int depth = PerStep / T.Side, buffer = depth * (T.Side + Padding);
        var sharedA = SharedMemory.Allocate<float>(2 * buffer);
        var sharedB = SharedMemory.Allocate<float>(2 * buffer);
        var nextA = LocalMemory.Allocate<float>(4);
        var nextB = LocalMemory.Allocate<float>(4);
        int first = W.ByFour ? Group.IdxX * 4 : Group.IdxX; // of a thread's numbers of a step, among all that the group brings
        int atA = LA.Index(row + LA.SideOf<T>(first), LA.DepthOf<T>(first), p.M, p.K), stepA = LA.Index(0, depth, p.M, p.K);
        int atB = LB.Index(column + LB.SideOf<T>(first), LB.DepthOf<T>(first), p.N, p.K), stepB = LB.Index(0, depth, p.N, p.K);
        int keepA = Place<T, LA>(first), keepB = Place<T, LB>(first), read = 0; // read counts in as many numbers as are read at once

        Fetch<T, LA, W>(p.A, atA, row, p.M, 0, p.K, nextA);
        Fetch<T, LB, W>(p.B, atB, column, p.N, 0, p.K, nextB);
        Keep<T, LA, W>(nextA, row, p.M, 0, p.K, sharedA, keepA);
        Keep<T, LB, W>(nextB, column, p.N, 0, p.K, sharedB, keepB);
        Group.Barrier();
        for (int k = depth; k < p.K + depth; k += depth)
        {
            atA += stepA;
            atB += stepB;
            Fetch<T, LA, W>(p.A, atA, row, p.M, k, p.K, nextA);
            Fetch<T, LB, W>(p.B, atB, column, p.N, k, p.K, nextB);
            MultiplyAdd<T>(sharedA, sharedB, read, sums);
            int other = read == 0 ? buffer : 0;
            Keep<T, LA, W>(nextA, row, p.M, k, p.K, sharedA, keepA + other);
            Keep<T, LB, W>(nextB, column, p.N, k, p.K, sharedB, keepB + other);
            read = (buffer / PerRead<T>()) - read;
            Group.Barrier();
        }
    }

    /// <summary>sums += a·b over the rows of k that are in shared memory, from a place on that is counted in numbers read at once.</summary>
    private static void MultiplyAdd<T>(ArrayView<float> sharedA, ArrayView<float> sharedB, int from, ArrayView<float> sums)
        where T : struct, ITile
    {
        int stride = T.Side + Padding;
        var a = LocalMemory.Allocate<float>(T.Thread);
        var b = LocalMemory.Allocate<float>(T.Thread);
        for (int k = 0; k < PerStep / T.Side; k++)
        {
            Read<T>(sharedA, from + ThreadRow, k * stride / PerRead<T>(), a);
            Read<T>(sharedB, from + ThreadColumn, k * stride / PerRead<T>(), b);
            for (int i = 0; i < T.Thread; i++)
            {
                for (int j = 0; j < T.Thread; j++)
                    sums[(i * T.Thread) + j] = MathF.FusedMultiplyAdd(a[i], b[j], sums[(i * T.Thread) + j]);
            }
        }
    }

    private static int ThreadRow => (int)((uint)Group.IdxX / Across);

    private static int ThreadColumn => (int)((uint)Group.IdxX % Across);

    /// <summary>Numbers of a thread that lie side by side in the tile.</summary>
    private static int PerRead<T>()
        where T : struct, ITile => T.Thread < 4 ? T.Thread : 4;

    /// <summary>Where the i-th row, or column, of a thread lies within the tile.</summary>
    private static int Place<T>(int thread, int i)
        where T : struct, ITile => (i / PerRead<T>() * Across * PerRead<T>()) + (thread * PerRead<T>()) + (i % PerRead<T>());

    /// <summary>A thread's numbers of a row of k, as many at once as lie side by side; places are counted in as many.</summary>
    private static void Read<T>(ArrayView<float> shared, int thread, int row, ArrayView<float> into)
        where T : struct, ITile
    {
        for (int i = 0; i < T.Thread; i += PerRead<T>())
        {
            int at = thread + (row + (i / PerRead<T>() * Across));
            if (PerRead<T>() < 4)
            {
                into[0] = shared[at * PerRead<T>()];
                into[1] = shared[(at * PerRead<T>()) + 1];
                continue;
            }
            var four = shared.Cast<Float4>()[at];
            into[i] = four.X;
            into[i + 1] = four.Y;
            into[i + 2] = four.Z;
            into[i + 3] = four.W;
        }
    }

    /// <summary>Where the n-th number of a step lies in shared memory.</summary>
    private static int Place<T, L>(int n)
        where T : struct, ITile
        where L : struct, ILayout => (L.DepthOf<T>(n) * (T.Side + Padding)) + L.SideOf<T>(n);

    /// <summary>
    /// Reads a thread's four numbers of the step that begins at k. Outside of the matrix the first ones of all are read in their place, since a read
    /// that always happens begins earlier than one that depends on a condition.
    /// </summary>
    private static void Fetch<T, L, W>(ArrayView<float> from, int at, int side, int sides, int k, int depth, ArrayView<float> into)
        where T : struct, ITile
        where L : struct, ILayout
        where W : struct, IWidth
    {
        if (W.ByFour)
        {
            at >>= 2; // a number's place becomes that of its four
            var four = from.Cast<Float4>()[IsInside<T, L, W>(0, side, sides, k, depth) ? at : 0];
            into[0] = four.X;
            into[1] = four.Y;
            into[2] = four.Z;
            into[3] = four.W;
            return;
        }
        for (int i = 0; i < 4; i++)
        {
            int place = at + L.Index(L.SideOf<T>(i * Threads), L.DepthOf<T>(i * Threads), sides, depth);
            bool inside = IsInside<T, L, W>(i, side, sides, k, depth);
            float number = from[inside ? place : 0];
            into[i] = inside ? number : 0f;
        }
    }

    /// <summary>Writes them where all threads find them. Outside of the matrix they are zeros, which they become as late as there are registers for it.</summary>
    private static void Keep<T, L, W>(ArrayView<float> four, int side, int sides, int k, int depth, ArrayView<float> shared, int at)
        where T : struct, ITile
        where L : struct, ILayout
        where W : struct, IWidth
    {
        if (W.ByFour)
        {
            for (int i = 0; i < 4; i++)
                four[i] = IsInside<T, L, W>(i, side, sides, k, depth) ? four[i] : 0f;
        }
        if (W.ByFour && L.SideOf<T>(1) == 1) // side by side there too
        {
            shared.Cast<Float4>()[at >> 2] = new Float4(four[0], four[1], four[2], four[3]);
            return;
        }
        for (int i = 0; i < 4; i++)
            shared[at + Place<T, L>(W.ByFour ? i : i * Threads)] = four[i];
    }

    /// <summary>Whether a thread's i-th number of a step is one of the matrix. Four that are read at once all are, or none.</summary>
    private static bool IsInside<T, L, W>(int i, int side, int sides, int k, int depth)
        where T : struct, ITile
        where L : struct, ILayout
        where W : struct, IWidth
    {
        int n = W.ByFour ? Group.IdxX * 4 : Group.IdxX + (i * Threads);
        return side + L.SideOf<T>(n) < sides & k + L.DepthOf<T>(n) < depth; // one branch, not two
    }

    private static void Write<T, W, F>(MatMulArguments<F> p, int row, int column, ArrayView<float> sums)
        where T : struct, ITile
        where W : struct, IWidth
        where F : struct, IActivation
    {
        for (int j = 0; j < T.Thread; j++)
        {
            int c = column + Place<T>(ThreadColumn, j);
            float bias = 0f;
            if (p.HasBias && c < p.N)
                bias = p.Bias[c];
            for (int i = 0; i < T.Thread; i++)
                sums[(i * T.Thread) + j] = p.Activation.Forward(new Scalar(sums[(i * T.Thread) + j] + bias)).Value;
        }
        for (int i = 0; i < T.Thread; i++)
        {
            int r = row + Place<T>(ThreadRow, i);
            if (r < p.M)
                WriteRow<T, W>(p.Y, (r * p.N) + column, p.N - column, sums, i * T.Thread);
        }
    }

    /// <summary>Writes a thread's part of a row, of which so many columns are left.</summary>
    private static void WriteRow<T, W>(ArrayView<float> y, int at, int left, ArrayView<float> sums, int first)
        where T : struct, ITile
        where W : struct, IWidth
    {
        for (int j = 0; j < T.Thread; j += PerRead<T>())
        {
            int c = Place<T>(ThreadColumn, j);
            if (W.ByFour && T.Thread >= 4)
            {
                if (c < left)
                    y.Cast<Float4>()[(at + c) >> 2] = new Float4(sums[first + j], sums[first + j + 1], sums[first + j + 2], sums[first + j + 3]);
                continue;
            }
            for (int i = 0; i < PerRead<T>(); i++)
            {
                if (c + i < left)
                    y[at + c + i] = sums[first + j + i];
            }
        }
    }
}

/// <summary>What a product's kernel is given: y[M,N] = f(a·b + bias) over K.</summary>
internal readonly record struct MatMulArguments<F>(
    ArrayView<float> A, ArrayView<float> B, ArrayView<float> Bias, ArrayView<float> Y, F Activation, int M, int N, int K, bool HasBias)
    where F : struct, IActivation;

/// <summary>How an operand lies in memory, and how a step's numbers of it fall to threads, so that neighbours read side by side.</summary>
internal interface ILayout
{
    /// <summary>Numbers of a row in memory.</summary>
    static abstract int RowLength(int sides, int depth);

    /// <summary>Where a number lies in memory. Of one outside of the matrix this may be anything, and isn't used.</summary>
    static abstract int Index(int side, int depth, int sides, int depths);

    /// <summary>The place along the side of a step's n-th number.</summary>
    static abstract int SideOf<T>(int n)
        where T : struct, ITile;

    /// <summary>Its place along k.</summary>
    static abstract int DepthOf<T>(int n)
        where T : struct, ITile;
}

/// <summary>Rows run along the result's side: b, or a transposed.</summary>
internal readonly struct AlongSide : ILayout
{
    public static int RowLength(int sides, int depth) => sides;

    public static int Index(int side, int depth, int sides, int depths) => (depth * sides) + side;

    public static int SideOf<T>(int n)
        where T : struct, ITile => (int)((uint)n % (uint)T.Side);

    public static int DepthOf<T>(int n)
        where T : struct, ITile => (int)((uint)n / (uint)T.Side);
}

/// <summary>Rows run along k: a, or b transposed.</summary>
internal readonly struct AlongDepth : ILayout
{
    public static int RowLength(int sides, int depth) => depth;

    public static int Index(int side, int depth, int sides, int depths) => (side * depths) + depth;

    public static int SideOf<T>(int n)
        where T : struct, ITile => (int)((uint)n / (MatMulKernels.PerStep / (uint)T.Side));

    public static int DepthOf<T>(int n)
        where T : struct, ITile => (int)((uint)n % (MatMulKernels.PerStep / (uint)T.Side));
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

using GanFromScratch.Kernels;

namespace GanFromScratch.Tests;

/// <summary>Kernels whose threads work together: shared memory, barriers, grids, vectors, atomics, warps.</summary>
internal static class GroupKernels
{
    public const int Side = 16;

    public readonly record struct TwoViews(ArrayView<float> X, ArrayView<float> Y);

    /// <summary>y = xᵀ, a tile of 16 by 16 at a time through shared memory.</summary>
    public readonly record struct Transposition(ArrayView<float> X, ArrayView<float> Y, int Rows, int Columns);

    public static void Transpose(Transposition p)
    {
        var tile = SharedMemory.Allocate<float>(Side * (Side + 1));
        int x = Group.IdxX % Side, y = Group.IdxX / Side;
        int row = (Grid.IdxY * Side) + y, column = (Grid.IdxX * Side) + x;
        if (row < p.Rows && column < p.Columns)
            tile[(y * (Side + 1)) + x] = p.X[(row * p.Columns) + column];
        Group.Barrier();
        row = (Grid.IdxX * Side) + y;
        column = (Grid.IdxY * Side) + x;
        if (row < p.Columns && column < p.Rows)
            p.Y[(row * p.Rows) + column] = tile[(x * (Side + 1)) + y];
    }

    /// <summary>Each group's sum, and its greatest number, as trees in two kinds of shared memory.</summary>
    public readonly record struct Trees(ArrayView<int> X, ArrayView<long> Sums, ArrayView<int> Greatest);

    public static void Tree(Trees p)
    {
        var sums = SharedMemory.Allocate<long>(64);
        var greatest = SharedMemory.Allocate<int>(64);
        int t = Group.IdxX;
        int x = p.X[(Grid.IdxX * Group.DimX) + t];
        sums[t] = x;
        greatest[t] = x;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half >>= 1)
        {
            if (t < half)
            {
                sums[t] += sums[t + half];
                greatest[t] = XMath.Max(greatest[t], greatest[t + half]);
            }
            Group.Barrier();
        }
        if (t == 0)
        {
            p.Sums[Grid.IdxX] = sums[0];
            p.Greatest[Grid.IdxX] = greatest[0];
        }
    }

    /// <summary>Where a thread is.</summary>
    public readonly record struct Places(ArrayView<uint> Y);

    public static void Place(Places p)
    {
        int group = Grid.IdxX + (Grid.DimX * (Grid.IdxY + (Grid.DimY * Grid.IdxZ)));
        uint grid = (uint)((Grid.DimX * 100) + (Grid.DimY * 10) + Grid.DimZ);
        p.Y[(group * Group.DimX) + Group.IdxX] = (grid << 16) + (uint)((Grid.IdxX * 1000) + (Grid.IdxY * 100) + (Grid.IdxZ * 10)) + (uint)Group.IdxX;
    }

    /// <summary>Fours, parts of views, views of other elements.</summary>
    public static void Vectors(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<int> bits)
    {
        var fours = x.Cast<Float4>();
        if (i >= fours.Length)
            return;
        var (a, b) = (fours[i], fours[fours.IntLength - 1 - i]);
        y.Cast<Float4>()[(long)i] = new Float4(a.X + b.W, a.Y, b.Z, a.W * b.X);
        var part = x.SubView(4 * (i / 2), 4);
        bits[i] = part.Cast<int>()[1] + (int)x.Cast<uint>()[i] + (int)(x.Cast<long>()[i] >> 32) + (int)part.Length + (int)part.Cast<ulong>().Length;
    }

    /// <summary>Shared memory as fours.</summary>
    public static void SharedVectors(TwoViews p)
    {
        var shared = SharedMemory.Allocate<float>(4 * 32);
        var fours = SharedMemory.Allocate<Float4>(32);
        int t = Group.IdxX;
        shared.Cast<Float4>()[t] = p.X.Cast<Float4>()[t];
        fours[t] = new Float4(t, t + 1, t + 2, t + 3);
        Group.Barrier();
        var other = fours[31 - t];
        for (int i = 0; i < 4; i++)
            p.Y[(4 * t) + i] = shared[(4 * (31 - t)) + i] + other.X + (2 * other.W);
    }

    /// <summary>Every atomic, of memory in common.</summary>
    public readonly record struct Counters(ArrayView<int> Y, ArrayView<uint> U, int Salt);

    public static void Atomics(Counters p)
    {
        var shared = SharedMemory.Allocate<int>(2);
        if (Group.IdxX < 2)
            shared[Group.IdxX] = 0;
        Group.Barrier();
        int value = (((Grid.IdxX * Group.DimX) + Group.IdxX) * 37 % 101) - 50 + p.Salt;
        Atomic.Add(ref p.Y[0], value);
        Atomic.Max(ref p.Y[1], value);
        Atomic.Min(ref p.Y[2], value);
        Atomic.And(ref p.Y[3], ~(1 << (value & 31)));
        Atomic.Or(ref p.Y[4], 1 << (value & 31));
        Atomic.Xor(ref p.Y[5], value);
        Atomic.Add(ref p.U[0], (uint)value);
        Atomic.Add(ref shared[0], value);
        Atomic.Max(ref shared[1], value);
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            Atomic.Add(ref p.Y[6], shared[0]);
            Atomic.Max(ref p.Y[7], shared[1]);
        }
    }

    /// <summary>What atomics give back, from one thread.</summary>
    public static void AtomicResults(Index1D i, ArrayView<int> y, ArrayView<uint> u)
    {
        if (i > 0)
            return;
        y[8] = Atomic.Add(ref y[0], 5);
        y[9] = Atomic.Max(ref y[1], -3) + Atomic.Max(ref y[1], 1000);
        y[10] = Atomic.Min(ref y[2], -3) + Atomic.Min(ref y[2], 1000);
        y[11] = Atomic.And(ref y[3], 0x0f0f);
        y[12] = Atomic.Or(ref y[4], 0x1111);
        y[13] = Atomic.Xor(ref y[5], 0x0ff0);
        y[14] = Atomic.Exchange(ref y[6], 99);
        y[15] = (2 * Atomic.CompareExchange(ref y[7], 7, 70)) + Atomic.CompareExchange(ref y[7], 7, 71);
        u[1] = Atomic.Add(ref u[0], uint.MaxValue);
    }

    public static void Shuffles(TwoViews p)
    {
        int t = Group.IdxX;
        float x = p.X[t];
        float sum = x;
        for (int mask = Warp.WarpSize / 2; mask > 0; mask /= 2)
            sum += Warp.ShuffleXor(sum, mask);
        float down = Warp.ShuffleDown(x, 3), first = Warp.Shuffle(x, 5), back = Warp.Shuffle(x, Warp.WarpSize - 1 - Warp.LaneIdx);
        p.Y[t] = (sum * 1000) + (down * 100) + (first * 10) + back;
    }

    /// <summary>All kinds of arguments, some of which would have the same name in the text.</summary>
    public readonly record struct Mixed(bool Flag, short Small, byte Tiny, sbyte Signed, long Long, ArrayView<long> Y, float Number, ushort Wide, Inner Inner);

    public readonly record struct Inner(char Letter, IntegerConstructs.Colour Colour, ulong Big, float Number);

    public static void Arguments(Index1D b1, ArrayView<long> y, Mixed mixed, long y_length, float mixed_Number)
    {
        if (b1 >= y.Length)
            return;
        long shared0 = y_length + mixed.Small + mixed.Tiny + mixed.Signed + mixed.Wide + mixed.Inner.Letter + (long)mixed.Inner.Colour;
        shared0 += mixed.Long + (long)mixed.Inner.Big + (long)(int)(mixed.Number * 10f) + (int)(mixed_Number * 100f) + (int)(mixed.Inner.Number * 1000f);
        y[b1] = mixed.Flag ? shared0 + mixed.Y[b1] : -1;
    }
}

namespace GanFromScratch.Kernels;

/// <summary>The group of threads that a thread belongs to: they share memory, and can wait for each other.</summary>
public static class Group
{
    /// <summary>The thread's number within its group.</summary>
    public static int IdxX => EmulatedThread.Current.Number;

    /// <summary>Threads of a group: a constant of the launch.</summary>
    public static int DimX => EmulatedThread.Current.Group.Size;

    /// <summary>Waits until every thread of the group has come here; what they wrote before is then seen by all.</summary>
    public static void Barrier() => EmulatedThread.Current.Group.Barrier(EmulatedThread.Current.Number);
}

/// <summary>All groups of a launch.</summary>
public static class Grid
{
    /// <summary>The group's number among those side by side.</summary>
    public static int IdxX => EmulatedThread.Current.Group.Place.X;

    /// <summary>The number of the group's row.</summary>
    public static int IdxY => EmulatedThread.Current.Group.Place.Y;

    /// <summary>The number of the group's layer.</summary>
    public static int IdxZ => EmulatedThread.Current.Group.Place.Z;

    /// <summary>Groups side by side.</summary>
    public static int DimX => EmulatedThread.Current.Group.Grid.X;

    /// <summary>Rows of groups.</summary>
    public static int DimY => EmulatedThread.Current.Group.Grid.Y;

    /// <summary>Layers of groups.</summary>
    public static int DimZ => EmulatedThread.Current.Group.Grid.Z;
}

/// <summary>Memory that the threads of a group have in common.</summary>
public static class SharedMemory
{
    /// <summary>So many elements, holding anything. The number is a constant, and every thread of the group comes here.</summary>
    public static ArrayView<T> Allocate<T>(int length)
        where T : unmanaged => EmulatedThread.Current.SharedView<T>(length);
}

/// <summary>A thread's own memory. Indexed by constants, also those of unrolled loops, its elements are registers.</summary>
public static class LocalMemory
{
    /// <summary>So many elements, holding anything. The number is a constant.</summary>
    public static ArrayView<T> Allocate<T>(int length)
        where T : unmanaged => EmulatedThread.Current.LocalView<T>(length);
}

/// <summary>Threads of one group that run in step, on devices that have such: CUDA.</summary>
/// <remarks>On the emulated device every thread of the group has to take part in a shuffle.</remarks>
public static class Warp
{
    /// <summary>Threads of a warp.</summary>
    public const int WarpSize = 32;

    /// <summary>The thread's number within its warp.</summary>
    public static int LaneIdx => Group.IdxX % WarpSize;

    /// <summary>The value that another thread of the warp gives: the one whose number differs in the bits of the mask.</summary>
    public static float ShuffleXor(float value, int mask) => EmulatedThread.Current.Shuffled(value, LaneIdx ^ mask);

    /// <summary>The value of the thread so many places up; at the end of the warp one's own.</summary>
    public static float ShuffleDown(float value, int delta) =>
        EmulatedThread.Current.Shuffled(value, LaneIdx + delta < WarpSize ? LaneIdx + delta : LaneIdx);

    /// <summary>The value of one thread of the warp.</summary>
    public static float Shuffle(float value, int lane) => EmulatedThread.Current.Shuffled(value, lane);
}

/// <summary>Changes of whole numbers that no other thread comes between. There are none of floats: their sum would depend on the threads' order.</summary>
public static class Atomic
{
    /// <summary>target += value; gives what it was before.</summary>
    public static int Add(ref int target, int value) => Interlocked.Add(ref target, value) - value;

    /// <inheritdoc cref="Add(ref int, int)"/>
    public static uint Add(ref uint target, uint value) => Interlocked.Add(ref target, value) - value;

    /// <summary>target = the greater of both; gives what it was before.</summary>
    public static int Max(ref int target, int value) => Change(ref target, value, int.Max);

    /// <summary>target = the lesser of both; gives what it was before.</summary>
    public static int Min(ref int target, int value) => Change(ref target, value, int.Min);

    /// <summary>target &amp;= value; gives what it was before.</summary>
    public static int And(ref int target, int value) => Interlocked.And(ref target, value);

    /// <summary>target |= value; gives what it was before.</summary>
    public static int Or(ref int target, int value) => Interlocked.Or(ref target, value);

    /// <summary>target ^= value; gives what it was before.</summary>
    public static int Xor(ref int target, int value) => Change(ref target, value, (a, b) => a ^ b);

    /// <summary>target = value; gives what it was before.</summary>
    public static int Exchange(ref int target, int value) => Interlocked.Exchange(ref target, value);

    /// <summary>target = value where it was <paramref name="compare"/>; gives what it was before.</summary>
    public static int CompareExchange(ref int target, int compare, int value) => Interlocked.CompareExchange(ref target, value, compare);

    private static int Change(ref int target, int value, Func<int, int, int> change)
    {
        int before = Volatile.Read(ref target);
        while (true)
        {
            int seen = Interlocked.CompareExchange(ref target, change(before, value), before);
            if (seen == before)
                return before;
            before = seen;
        }
    }
}

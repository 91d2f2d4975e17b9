using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// How kernels over columns divide their threads: eight columns side by side, which are the 32 bytes that memory hands out at once, by 32 slices of rows.
/// A slice has every 32nd row.
/// </summary>
internal static class ColumnGroup
{
    public const int Size = Columns * Slices;
    public const int Slices = 32;
    private const int Columns = 8;

    /// <summary>The column of the thread; past the last one in the last group.</summary>
    public static int Column => (Grid.IdxX * Columns) + (Group.IdxX % Columns);

    /// <summary>The slice of the thread: the first of its rows.</summary>
    public static int Slice => Group.IdxX / Columns;

    /// <summary>Groups for so many columns.</summary>
    public static GridSize GridOf(int columns) => new((columns + Columns - 1) / Columns);
}

/// <summary>Sums over the threads of a group, as a tree in shared memory: always in the same order. Every thread of the group has to take part.</summary>
internal static class GroupSums
{
    /// <summary>The sum of all threads' numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float All(float value) => Tree(value, 1);

    /// <summary>The sum of a column's slices, by the division of <see cref="ColumnGroup"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float OfColumns(float value) => Tree(value, ColumnGroup.Size / ColumnGroup.Slices);

    /// <summary>Halves of the group onto each other, until so many threads are left.</summary>
    private static float Tree(float value, int last)
    {
        var sums = SharedMemory.Allocate<float>(Launcher.GroupSize);
        int t = Group.IdxX;
        sums[t] = value;
        Group.Barrier();
        for (int half = Launcher.GroupSize / 2; half >= last; half /= 2)
        {
            if (t < half)
                sums[t] += sums[t + half];
            Group.Barrier();
        }
        return sums[t % last];
    }
}

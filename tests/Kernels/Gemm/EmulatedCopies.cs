using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;
using ILGPU;

namespace GanFromScratch.Tests;

/// <summary>Copies that are there as early as may be: when they start, over whatever is still in use.</summary>
internal struct EarlyCopies : IBlockCopies<EarlyCopies>
{
    private ArrayView<float> _shared;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EarlyCopies Create(ArrayView<F4> shared) => new() { _shared = shared.Cast<float>() };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyOne(EarlyCopies copies, CopySource from, int at, int to, bool exists) =>
        copies._shared[to] = exists ? from.All[at] : float.NaN;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyFour(EarlyCopies copies, CopySource from, int at, int to, bool exist)
    {
        for (int i = 0; i < 4; i++)
            CopyOne(copies, from, at + i, to + i, exist);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Close(EarlyCopies copies)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WaitForAllButTwo(EarlyCopies copies)
    {
    }
}

/// <summary>Copies that are there as late as may be: when they are waited for, group by group.</summary>
internal struct LateCopies : IBlockCopies<LateCopies>
{
    private const int Groups = 4, Most = 16; // a thread's numbers in a group
    private const int Begun = 0, Closed = 1, Written = 2;

    private ArrayView<float> _shared, _numbers;
    private ArrayView<int> _places, _counters;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LateCopies Create(ArrayView<F4> shared)
    {
        var copies = new LateCopies
        {
            _shared = shared.Cast<float>(),
            _numbers = LocalMemory.Allocate<float>(Groups * Most),
            _places = LocalMemory.Allocate<int>(Groups * (Most + 1)),
            _counters = LocalMemory.Allocate<int>(3),
        };
        copies._counters[Begun] = copies._counters[Closed] = copies._counters[Written] = 0;
        for (int i = 0; i < shared.IntLength * 4; i += Group.DimX)
        {
            if (i + Group.IdxX < shared.IntLength * 4)
                copies._shared[i + Group.IdxX] = float.NaN; // whoever does not wait sees it
        }
        Group.Barrier();
        return copies;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyOne(LateCopies copies, CopySource from, int at, int to, bool exists)
    {
        int begun = copies._counters[Begun], slot = ((copies._counters[Closed] % Groups) * Most) + begun;
        copies._numbers[slot] = exists ? from.All[at] : float.NaN;
        copies._places[slot] = to;
        copies._counters[Begun] = begun + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyFour(LateCopies copies, CopySource from, int at, int to, bool exist)
    {
        for (int i = 0; i < 4; i++)
            CopyOne(copies, from, at + i, to + i, exist);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Close(LateCopies copies)
    {
        int closed = copies._counters[Closed];
        copies._places[(Groups * Most) + (closed % Groups)] = copies._counters[Begun];
        copies._counters[Begun] = 0;
        copies._counters[Closed] = closed + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WaitForAllButTwo(LateCopies copies)
    {
        for (; copies._counters[Closed] - copies._counters[Written] > 2; copies._counters[Written]++)
        {
            int group = copies._counters[Written] % Groups, count = copies._places[(Groups * Most) + group];
            for (int i = group * Most; i < (group * Most) + count; i++)
                copies._shared[copies._places[i]] = copies._numbers[i];
        }
    }
}

using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>An operand's layout in memory, and the division of its blocks among threads, so that neighbours read side by side.</summary>
internal interface ILayout
{
    /// <summary>The places along the side of four numbers that are adjacent in memory: 4 or 1.</summary>
    static abstract int SidesAtOnce { get; }

    /// <summary>Returns the length of a row in memory.</summary>
    static abstract int RowLength(int sides, int depths);

    /// <summary>Returns the offset of a place along the side.</summary>
    static abstract int SideIndex(int side, int depths);

    /// <summary>Returns the offset of a step of k from there.</summary>
    static abstract int DepthIndex(int depth, int sides);

    /// <summary>Returns the offset of a step of k, clamped to the last one, in units of four numbers.</summary>
    static abstract int FourAt(int k, int depth, int sides, int depths);

    /// <summary>Returns the place along the side of a block's n-th number.</summary>
    static abstract int SideOf<T>(int n)
        where T : struct, ITile<T>;

    /// <summary>Returns the step of k of a block's n-th number.</summary>
    static abstract int DepthOf<T>(int n)
        where T : struct, ITile<T>;

    /// <summary>Returns the places along the side from a thread's number to its next one.</summary>
    static abstract int SidesOn<T>()
        where T : struct, ITile<T>;

    /// <summary>Returns the steps of k from a thread's number to its next one.</summary>
    static abstract int DepthsOn<T>()
        where T : struct, ITile<T>;
}

/// <summary>Rows are along the result's side: b, or a transposed.</summary>
internal readonly struct AlongSide : ILayout
{
    public static int SidesAtOnce => 4;

    public static int RowLength(int sides, int depths) => sides;

    public static int SideIndex(int side, int depths) => side;

    public static int DepthIndex(int depth, int sides) => depth * sides;

    public static int FourAt(int k, int depth, int sides, int depths) => Math.Min(k + depth, depths - 1) * (sides >> 2);

    public static int SideOf<T>(int n)
        where T : struct, ITile<T> => n & (T.Side - 1); // extents are powers of two, and for a remainder ptxas divides

    public static int DepthOf<T>(int n)
        where T : struct, ITile<T> => (int)((uint)n / (uint)T.Side);

    public static int SidesOn<T>()
        where T : struct, ITile<T> => 0;

    public static int DepthsOn<T>()
        where T : struct, ITile<T> => T.Threads / T.Side;
}

/// <summary>Rows are along k: a, or b transposed.</summary>
internal readonly struct AlongDepth : ILayout
{
    public static int SidesAtOnce => 1;

    public static int RowLength(int sides, int depths) => depths;

    public static int SideIndex(int side, int depths) => side * depths;

    public static int DepthIndex(int depth, int sides) => depth;

    public static int FourAt(int k, int depth, int sides, int depths) => Math.Min((k >> 2) + (depth >> 2), (depths >> 2) - 1);

    public static int SideOf<T>(int n)
        where T : struct, ITile<T> => (int)((uint)n / (uint)T.Depth);

    public static int DepthOf<T>(int n)
        where T : struct, ITile<T> => n & (T.Depth - 1);

    public static int SidesOn<T>()
        where T : struct, ITile<T> => T.Threads / T.Depth;

    public static int DepthsOn<T>()
        where T : struct, ITile<T> => 0;
}

/// <summary>How many numbers of an operand are read at once.</summary>
internal enum OperandWidth
{
    /// <summary>One: rows have any length.</summary>
    OneByOne,

    /// <summary>Four: rows are multiples of four numbers, so that sixteen bytes are read at once.</summary>
    ByFour,

    /// <summary>None: all numbers are 1.</summary>
    Ones,
}

/// <summary>Who says how many numbers are read and written at once.</summary>
internal interface IWidth
{
    /// <summary>Returns whether an operand is read four numbers at a time.</summary>
    static abstract bool IsByFour(OperandWidth width);

    /// <summary>Returns whether an operand is all ones, which are not read.</summary>
    static abstract bool IsOnes(OperandWidth width);

    /// <summary>Returns the fours from an offset on, which becomes 0, or leaves both; an offset in the view costs nothing later.</summary>
    static abstract ArrayView<F4> From(ArrayView<F4> fours, ref int offset);
}

/// <summary>All operands, and the result, have rows that are multiples of four numbers.</summary>
internal readonly struct ByFour : IWidth
{
    public static bool IsByFour(OperandWidth width) => true;

    public static bool IsOnes(OperandWidth width) => false;

    public static ArrayView<F4> From(ArrayView<F4> fours, ref int offset)
    {
        var from = fours.SubView(offset);
        offset = 0;
        return from;
    }
}

/// <summary>Rows have any length.</summary>
internal readonly struct OneByOne : IWidth
{
    public static bool IsByFour(OperandWidth width) => false;

    public static bool IsOnes(OperandWidth width) => false;

    public static ArrayView<F4> From(ArrayView<F4> fours, ref int offset) => fours;
}

/// <summary>Each operand says it for itself, where one launch has products of several kinds.</summary>
internal readonly struct EachItsOwn : IWidth
{
    public static bool IsByFour(OperandWidth width) => width == OperandWidth.ByFour;

    public static bool IsOnes(OperandWidth width) => width == OperandWidth.Ones;

    public static ArrayView<F4> From(ArrayView<F4> fours, ref int offset) => fours;
}

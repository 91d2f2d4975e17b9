using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>A thread's share of an operand's blocks of k: what it reads of each, and where it writes that in shared memory.</summary>
internal interface IBlocks
{
    /// <summary>Reads four of a thread's numbers of the block at k: numbers outside of the operand may be any.</summary>
    /// <param name="k">The block's first step.</param>
    /// <param name="read">Which four: 0, or 1 of a tile that makes two reads.</param>
    F4 Load(int k, int read);

    /// <summary>Writes them to shared memory.</summary>
    /// <param name="four">What was read.</param>
    /// <param name="shared">The operand's shared memory.</param>
    /// <param name="buffer">Where the block begins there, in fours.</param>
    /// <param name="read">Which four.</param>
    void Store(F4 four, ArrayView<F4> shared, int buffer, int read);
}

/// <summary>Writes blocks to shared memory, k outermost.</summary>
internal static class SharedBlocks
{
    /// <summary>Returns the offset of a thread's first number.</summary>
    /// <param name="n">The number's place in the block.</param>
    public static int Place<T, L>(int n)
        where T : struct, ITile<T>
        where L : struct, ILayout => (L.DepthOf<T>(n) * (T.Side + 4)) + L.SideOf<T>(n);

    /// <summary>Writes four numbers at constant distances from a thread's first one.</summary>
    public static void Store<T, L>(int place, bool byFour, F4 four, ArrayView<F4> shared, int buffer, int read)
        where T : struct, ITile<T>
        where L : struct, ILayout
    {
        int stride = T.Side + 4, on = (L.DepthsOn<T>() * stride) + L.SidesOn<T>(), first = 4 * read * on;
        four = T.Staged(four);
        if (byFour && L.SidesAtOnce == 4) // side by side there too
        {
            shared.SubView(buffer + (place >> 2), (first >> 2) + 1)[first >> 2] = four;
            return;
        }
        int next = byFour ? stride : on;
        var one = shared.Cast<float>().SubView((4 * buffer) + place, first + (3 * next) + 1);
        one[first] = four.X;
        one[first + next] = four.Y;
        one[first + (2 * next)] = four.Z;
        one[first + (3 * next)] = four.W;
    }
}

/// <summary>
/// A thread's share of the blocks of a matrix in memory: what is the same for all of them, computed before the loop because no compiler
/// hoists it.
/// </summary>
internal readonly record struct DenseBlocks<T, L, W>(
    ArrayView<float> All, ArrayView<F4> FromRow, int Row, ArrayView<F4> FromNextRow, int NextRow,
    int Side, int Sides, int Depth, int Depths, int Place, OperandWidth Width) : IBlocks
    where T : struct, ITile<T>
    where L : struct, ILayout
    where W : struct, IWidth
{
    /// <summary>Returns a thread's share.</summary>
    public static DenseBlocks<T, L, W> Of(GemmOperand operand, int depths)
    {
        var (all, side, sides, width) = (operand.All, operand.First, operand.Count, operand.Width);
        int n = W.IsByFour(width) ? 4 * Group.IdxX : Group.IdxX, depth = L.DepthOf<T>(n), own = L.SideOf<T>(n);
        int row = 0, nextRow = 0;
        if (W.IsByFour(width))
        {
            int last = sides - L.SidesAtOnce;
            row = L.SideIndex(Math.Min(side + own, last), depths) >> 2;
            nextRow = L.SideIndex(Math.Min(side + own + (4 * L.SidesOn<T>()), last), depths) >> 2;
        }
        var fromRow = W.From(all.Cast<F4>(), ref row);
        var fromNextRow = W.From(all.Cast<F4>(), ref nextRow);
        return new(all, fromRow, row, fromNextRow, nextRow, side + own, sides, depth, depths, (depth * (T.Side + 4)) + own, width);
    }

    /// <summary>
    /// Reads four numbers. Outside of the matrix, numbers at its edge are read in their place: an unconditional read starts earlier than
    /// one behind a condition.
    /// </summary>
    public F4 Load(int k, int read)
    {
        if (W.IsOnes(Width))
            return new F4 { X = 1f, Y = 1f, Z = 1f, W = 1f };
        if (W.IsByFour(Width))
        {
            int at = L.FourAt(k, Depth + (4 * read * L.DepthsOn<T>()), Sides, Depths);
            return read == 0 ? FromRow[Row + at] : FromNextRow[NextRow + at];
        }
        return new F4 { X = One(k, 4 * read), Y = One(k, (4 * read) + 1), Z = One(k, (4 * read) + 2), W = One(k, (4 * read) + 3) };
    }

    /// <inheritdoc/>
    public void Store(F4 four, ArrayView<F4> shared, int buffer, int read) =>
        SharedBlocks.Store<T, L>(Place, W.IsByFour(Width), four, shared, buffer, read);

    /// <summary>Reads a thread's i-th number; neighbouring threads read side by side.</summary>
    private float One(int k, int i)
    {
        int s = Math.Min(Side + (i * L.SidesOn<T>()), Sides - 1);
        int d = Math.Min(k + Depth + (i * L.DepthsOn<T>()), Depths - 1);
        return All[L.SideIndex(s, Depths) + L.DepthIndex(d, Sides)];
    }
}

/// <summary>An operand of a product, as a group of threads sees it.</summary>
/// <param name="All">All of it.</param>
/// <param name="First">The group's first place along the side.</param>
/// <param name="Count">The places along the side.</param>
/// <param name="Width">How it is read, where no type says that.</param>
internal readonly record struct GemmOperand(ArrayView<float> All, int First, int Count, OperandWidth Width);

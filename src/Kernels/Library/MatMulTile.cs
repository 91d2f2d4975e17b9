using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Kernels;

/// <summary>Rows of A as tiles read them. Distances in floats: from row to row, from k to k+1, from tile to tile.</summary>
internal unsafe struct AStrip
{
    public float* At;
    public nint Row, Step, Next;
}

/// <summary>A panel of B as tiles read it. Distances in floats: from k to k+1, from tile to tile.</summary>
internal unsafe struct BPanel
{
    public float* At;
    public nint Step, Next;
}

/// <summary>Where tiles go: from row to row, from tile to tile.</summary>
internal unsafe struct CTile
{
    public float* At;
    public nint Row, Next;
}

/// <summary>
/// What is fetched into the second-level cache while tiles are computed, for later: in every 8 steps of k three cache lines or a few times three, so few
/// that nothing waits for them. Distances in floats.
/// </summary>
internal unsafe struct Ahead
{
    public const int CacheLine = 16; // floats
    public const int Steps = 8;      // of k, for three lines
    public const int RowsAhead = 12; // of a panel that is copied: rows lie too far apart for the processor to guess the next

    public float* At;
    public nint Second, Third; // from the first line to the others
    public nint On;            // from three lines to the next three
    public int Left;           // so many times three lines
    public int More;           // in every 8 steps so many times three lines more
    public int InRow, OfRow;   // so many times to the end of a row, and from row to row; 0 where all is one row
    public nint Skip;          // from a row's end to the next
    public float* To;          // where a panel's row is copied to that lies in the three lines, its vectors side by side; or, from four lines, a part of a column
    public nint ToStep;        // from row to row of the copy

    /// <summary>How often three lines are fetched while a tile is computed.</summary>
    public static int Times(int depth) => (depth + Steps - 1) / Steps;

    /// <summary>Rows of three vectors, copied one below the other.</summary>
    public static Ahead Copied(float* at, nint stride, int vector, int rows, float* to)
    {
        var ahead = new Ahead { At = at, Second = vector, Third = 2 * vector, On = stride, Left = rows, To = to, ToStep = 3 * vector };
        var soon = ahead;
        soon.Fetch(RowsAhead); // the others as these are copied
        return ahead;
    }

    /// <summary>Rows that become columns of the copy, four of them at once and sixteen numbers of each; what is left of the depth is not in it.</summary>
    public static Ahead Turned(float* at, nint stride, int rows, int depth, float* to) => new()
    {
        At = at,
        Second = stride,
        Third = 2 * stride,
        On = 4 * stride,
        Left = rows / 4 * (depth / CacheLine),
        InRow = rows / 4,
        OfRow = rows / 4,
        Skip = CacheLine - (rows * stride),
        To = to,
        ToStep = rows,
    };

    /// <summary>Of so many rows of a copy, those that are made: whole ones.</summary>
    public readonly int RowsDone(int rows) => OfRow == 0 ? rows - Left : ((rows / CacheLine) - ((Left + OfRow - 1) / OfRow)) * CacheLine;

    /// <summary>Copies sixteen numbers of each of four rows into columns, in squares of four: eight registers are free between a tile's steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Turn()
    {
        float* from = At, to = To;
        Fetch(from + CacheLine);
        if (Sse.IsSupported)
            Sse.Prefetch1(from + Second + Third + CacheLine);
        for (float* end = from + CacheLine; from < end; from += 4, to += 4 * ToStep)
            Packing.Transpose4x4(from, Second, to, ToStep);
        To += InRow == 1 ? 4 + ((CacheLine - 1) * ToStep) : 4;
        Advance();
    }

    /// <summary>Fetches so many times three lines, as far as there are any.</summary>
    public void Fetch(int times)
    {
        for (; times > 0 && Left > 0; times--)
        {
            Fetch(At);
            Advance();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        At += On;
        Left--;
        if (--InRow == 0)
        {
            At += Skip;
            InRow = OfRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Fetch(float* line)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch1(line);
        Sse.Prefetch1(line + Second);
        Sse.Prefetch1(line + Third);
    }
}

/// <summary>The innermost loops of the matrix product.</summary>
internal static unsafe class MatMulTile
{
    /// <summary>
    /// c[r, 0..W) (+)= Σₖ a[r,k] · b[k, 0..W) for R rows and W vectors, for several tiles one after another. R and W are constants to the compiler: what a
    /// smaller tile has no use for is not there in its machine code. Meanwhile a panel is copied that later tiles will need: with P = 1 row by row, with
    /// P = 2 so that rows become columns; with P = 0 lines are only fetched.
    /// </summary>
    public static void Run<V, R, W, P>(int tiles, int depth, AStrip a, BPanel b, CTile c, bool onto, ref Ahead ahead)
        where V : struct, IVector<V>
        where R : struct, INumber
        where W : struct, INumber
        where P : struct, INumber
    {
        nint row = a.Row, row3 = 3 * row, step = a.Step, bStep = b.Step, cRow = c.Row;
        for (; tiles > 0; tiles--)
        {
            V c00 = V.Zero, c01 = V.Zero, c02 = V.Zero, c10 = V.Zero, c11 = V.Zero, c12 = V.Zero;
            V c20 = V.Zero, c21 = V.Zero, c22 = V.Zero, c30 = V.Zero, c31 = V.Zero, c32 = V.Zero;
            V c40 = V.Zero, c41 = V.Zero, c42 = V.Zero, c50 = V.Zero, c51 = V.Zero, c52 = V.Zero;
            V c60 = V.Zero, c61 = V.Zero, c62 = V.Zero, c70 = V.Zero, c71 = V.Zero, c72 = V.Zero;
            float* y = c.At;
            if (onto)
            {
                LoadRow<V, W>(y, ref c00, ref c01, ref c02);
                LoadRow<V, W>(y + cRow, ref c10, ref c11, ref c12);
                LoadRow<V, W>(y + (2 * cRow), ref c20, ref c21, ref c22);
                LoadRow<V, W>(y + (3 * cRow), ref c30, ref c31, ref c32);
                if (R.Value == 8)
                {
                    LoadRow<V, W>(y + (4 * cRow), ref c40, ref c41, ref c42);
                    LoadRow<V, W>(y + (5 * cRow), ref c50, ref c51, ref c52);
                    LoadRow<V, W>(y + (6 * cRow), ref c60, ref c61, ref c62);
                    LoadRow<V, W>(y + (7 * cRow), ref c70, ref c71, ref c72);
                }
            }

            float* x = a.At, x4 = x + (4 * row), z = b.At;
            for (int left = depth; left > 0;)
            {
                if (ahead.Left > 0)
                {
                    if (P.Value == 1)
                    {
                        float* line = ahead.At;
                        StoreRow<V, Three>(ahead.To, V.Load(line), V.Load(line + V.Width), V.Load(line + (2 * V.Width)));
                        ahead.To += ahead.ToStep;
                        ahead.Fetch(line + (Ahead.RowsAhead * ahead.On));
                        ahead.Advance();
                    }
                    else if (P.Value == 2)
                    {
                        ahead.Turn();
                    }
                    else
                    {
                        ahead.Fetch(1 + ahead.More);
                    }
                }
                int steps = Math.Min(Ahead.Steps, left);
                left -= steps;
                for (; steps > 0; steps--)
                {
                    V b0 = V.Load(z), b1 = V.Zero, b2 = V.Zero;
                    if (W.Value >= 2)
                        b1 = V.Load(z + V.Width);
                    if (W.Value == 3)
                        b2 = V.Load(z + (2 * V.Width));
                    Step<V, W>(*x, b0, b1, b2, ref c00, ref c01, ref c02);
                    Step<V, W>(x[row], b0, b1, b2, ref c10, ref c11, ref c12);
                    Step<V, W>(x[2 * row], b0, b1, b2, ref c20, ref c21, ref c22);
                    Step<V, W>(x[row3], b0, b1, b2, ref c30, ref c31, ref c32);
                    if (R.Value == 8)
                    {
                        Step<V, W>(*x4, b0, b1, b2, ref c40, ref c41, ref c42);
                        Step<V, W>(x4[row], b0, b1, b2, ref c50, ref c51, ref c52);
                        Step<V, W>(x4[2 * row], b0, b1, b2, ref c60, ref c61, ref c62);
                        Step<V, W>(x4[row3], b0, b1, b2, ref c70, ref c71, ref c72);
                        x4 += step;
                    }
                    x += step;
                    z += bStep;
                }
            }

            StoreRow<V, W>(y, c00, c01, c02);
            StoreRow<V, W>(y + cRow, c10, c11, c12);
            StoreRow<V, W>(y + (2 * cRow), c20, c21, c22);
            StoreRow<V, W>(y + (3 * cRow), c30, c31, c32);
            if (R.Value == 8)
            {
                StoreRow<V, W>(y + (4 * cRow), c40, c41, c42);
                StoreRow<V, W>(y + (5 * cRow), c50, c51, c52);
                StoreRow<V, W>(y + (6 * cRow), c60, c61, c62);
                StoreRow<V, W>(y + (7 * cRow), c70, c71, c72);
            }
            a.At += a.Next;
            b.At += b.Next;
            c.At += c.Next;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<V, W>(float a, V b0, V b1, V b2, ref V c0, ref V c1, ref V c2)
        where V : struct, IVector<V>
        where W : struct, INumber
    {
        V x = V.Of(a);
        V.AddProduct(ref c0, x, b0);
        if (W.Value >= 2)
            V.AddProduct(ref c1, x, b1);
        if (W.Value == 3)
            V.AddProduct(ref c2, x, b2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadRow<V, W>(float* c, ref V c0, ref V c1, ref V c2)
        where V : struct, IVector<V>
        where W : struct, INumber
    {
        c0 = V.Load(c);
        if (W.Value >= 2)
            c1 = V.Load(c + V.Width);
        if (W.Value == 3)
            c2 = V.Load(c + (2 * V.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<V, W>(float* c, V c0, V c1, V c2)
        where V : struct, IVector<V>
        where W : struct, INumber
    {
        V.Store(c, c0);
        if (W.Value >= 2)
            V.Store(c + V.Width, c1);
        if (W.Value == 3)
            V.Store(c + (2 * V.Width), c2);
    }
}

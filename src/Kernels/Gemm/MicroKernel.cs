using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>A strip of A. Distances in floats: from row to row, from k to k+1, from tile to tile.</summary>
internal unsafe struct AStrip
{
    public float* At;
    public nint Row, Step, Next;
}

/// <summary>A panel of B. Distances in floats: from k to k+1, from tile to tile.</summary>
internal unsafe struct BPanel
{
    public float* At;
    public nint Step, Next;
}

/// <summary>The tiles' place in C. Distances in floats: from row to row, from tile to tile.</summary>
internal unsafe struct CTile
{
    public float* At;
    public nint Row, Next;
}

/// <summary>
/// Rows of A that lie anywhere: lines of numbers at equal distances, as the patches of a picture are. Distances in floats.
/// </summary>
internal unsafe struct ScatteredRows
{
    public float* At;
    public int* Rows;  // from there to each row
    public int Lines;  // of each row
    public nint Line;  // from line to line
    public int Depth;  // steps of k in a line
    public nint Step;  // from k to k+1
}

/// <summary>Rows of C that lie anywhere: row r at place r. Distances in floats.</summary>
internal readonly unsafe struct ScatteredTile(float* at, int* places, nint place)
{
    /// <summary>Returns where a row begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(int row) => at + (places[row] * place);

    /// <summary>Returns the rows from a later one on.</summary>
    public ScatteredTile From(int row) => new(at, places + row, place);
}

/// <summary>The micro-kernel of the matrix product: its innermost loops.</summary>
internal static unsafe class MicroKernel
{
    /// <summary>
    /// c[r, 0..W) (+)= Σₖ a[r,k] · b[k, 0..W) for R rows and W vectors, for several tiles one after another. R and W are constants to the
    /// JIT: a smaller tile's machine code has nothing of a larger one's.
    /// </summary>
    public static void Run<V, R, W, M>(int tiles, int depth, AStrip a, BPanel b, CTile c, bool accumulate, ref M work)
        where V : struct, IVector<V>
        where R : struct, IConstant
        where W : struct, IConstant
        where M : struct, IInterleavedWork
    {
        nint row = a.Row, row3 = 3 * row, step = a.Step, bStep = b.Step, cRow = c.Row;
        for (; tiles > 0; tiles--)
        {
            V c00 = V.Zero, c01 = V.Zero, c02 = V.Zero, c10 = V.Zero, c11 = V.Zero, c12 = V.Zero;
            V c20 = V.Zero, c21 = V.Zero, c22 = V.Zero, c30 = V.Zero, c31 = V.Zero, c32 = V.Zero;
            V c40 = V.Zero, c41 = V.Zero, c42 = V.Zero, c50 = V.Zero, c51 = V.Zero, c52 = V.Zero;
            V c60 = V.Zero, c61 = V.Zero, c62 = V.Zero, c70 = V.Zero, c71 = V.Zero, c72 = V.Zero;
            float* y = c.At;
            if (accumulate)
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
                work.DoPiece();
                int steps = Math.Min(Prefetch.Steps, left);
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

    /// <summary>
    /// c[r, 0..W) (+)= Σₖ a[r,k] · b[k, 0..W) for R rows of both that lie anywhere. Where it adds, a chain is added as a whole, after it
    /// has ended. Tiles of four vectors have four or six rows.
    /// </summary>
    /// <param name="a">The rows of A; of pictures, some lines of each of R patches.</param>
    /// <param name="b">The panel, as wide as the tile.</param>
    /// <param name="c">The rows of C.</param>
    /// <param name="adds">Whether the product is added to what C holds.</param>
    public static void RunScattered<V, R, W>(in ScatteredRows a, float* b, in ScatteredTile c, bool adds)
        where V : struct, IVector<V>
        where R : struct, IConstant
        where W : struct, IConstant
    {
        Debug.Assert(W.Value < 4 || R.Value <= 6, "no registers for more");
        V c03 = V.Zero, c13 = V.Zero, c23 = V.Zero, c33 = V.Zero, c43 = V.Zero, c53 = V.Zero;
        V c00 = V.Zero, c01 = V.Zero, c02 = V.Zero, c10 = V.Zero, c11 = V.Zero, c12 = V.Zero;
        V c20 = V.Zero, c21 = V.Zero, c22 = V.Zero, c30 = V.Zero, c31 = V.Zero, c32 = V.Zero;
        V c40 = V.Zero, c41 = V.Zero, c42 = V.Zero, c50 = V.Zero, c51 = V.Zero, c52 = V.Zero;
        V c60 = V.Zero, c61 = V.Zero, c62 = V.Zero, c70 = V.Zero, c71 = V.Zero, c72 = V.Zero;
        float* a0 = a.At + a.Rows[0], a1 = a.At + a.Rows[1], a2 = a.At + a.Rows[2], a3 = a.At + a.Rows[3];
        float* a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        if (R.Value >= 6)
        {
            a4 = a.At + a.Rows[4];
            a5 = a.At + a.Rows[5];
        }
        if (R.Value == 8)
        {
            a6 = a.At + a.Rows[6];
            a7 = a.At + a.Rows[7];
        }
        int depth = a.Depth;
        nint step = a.Step, k = 0;
        for (int line = a.Lines; line > 0; line--, k += a.Line - (depth * step))
        {
            for (int left = depth; left > 0; left--, k += step, b += W.Value * V.Width)
            {
                V b0 = V.Load(b), b1 = V.Zero, b2 = V.Zero, b3 = V.Zero;
                if (W.Value >= 2)
                    b1 = V.Load(b + V.Width);
                if (W.Value >= 3)
                    b2 = V.Load(b + (2 * V.Width));
                if (W.Value == 4)
                    b3 = V.Load(b + (3 * V.Width));
                Step<V, W>(a0[k], b0, b1, b2, b3, ref c00, ref c01, ref c02, ref c03);
                Step<V, W>(a1[k], b0, b1, b2, b3, ref c10, ref c11, ref c12, ref c13);
                Step<V, W>(a2[k], b0, b1, b2, b3, ref c20, ref c21, ref c22, ref c23);
                Step<V, W>(a3[k], b0, b1, b2, b3, ref c30, ref c31, ref c32, ref c33);
                if (R.Value >= 6)
                {
                    Step<V, W>(a4[k], b0, b1, b2, b3, ref c40, ref c41, ref c42, ref c43);
                    Step<V, W>(a5[k], b0, b1, b2, b3, ref c50, ref c51, ref c52, ref c53);
                }
                if (R.Value == 8)
                {
                    Step<V, W>(a6[k], b0, b1, b2, ref c60, ref c61, ref c62);
                    Step<V, W>(a7[k], b0, b1, b2, ref c70, ref c71, ref c72);
                }
            }
        }
        EndRow<V, W>(c.Row(0), adds, c00, c01, c02, c03);
        EndRow<V, W>(c.Row(1), adds, c10, c11, c12, c13);
        EndRow<V, W>(c.Row(2), adds, c20, c21, c22, c23);
        EndRow<V, W>(c.Row(3), adds, c30, c31, c32, c33);
        if (R.Value >= 6)
        {
            EndRow<V, W>(c.Row(4), adds, c40, c41, c42, c43);
            EndRow<V, W>(c.Row(5), adds, c50, c51, c52, c53);
        }
        if (R.Value == 8)
        {
            EndRow<V, W>(c.Row(6), adds, c60, c61, c62, V.Zero);
            EndRow<V, W>(c.Row(7), adds, c70, c71, c72, V.Zero);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndRow<V, W>(float* y, bool adds, V c0, V c1, V c2, V c3)
        where V : struct, IVector<V>
        where W : struct, IConstant
    {
        if (adds)
        {
            c0 = V.Add(V.Load(y), c0);
            if (W.Value >= 2)
                c1 = V.Add(V.Load(y + V.Width), c1);
            if (W.Value >= 3)
                c2 = V.Add(V.Load(y + (2 * V.Width)), c2);
            if (W.Value == 4)
                c3 = V.Add(V.Load(y + (3 * V.Width)), c3);
        }
        StoreRow<V, W>(y, c0, c1, c2);
        if (W.Value == 4)
            V.Store(y + (3 * V.Width), c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<V, W>(float a, V b0, V b1, V b2, ref V c0, ref V c1, ref V c2)
        where V : struct, IVector<V>
        where W : struct, IConstant
    {
        V none = V.Zero;
        Step<V, W>(a, b0, b1, b2, none, ref c0, ref c1, ref c2, ref none);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<V, W>(float a, V b0, V b1, V b2, V b3, ref V c0, ref V c1, ref V c2, ref V c3)
        where V : struct, IVector<V>
        where W : struct, IConstant
    {
        V x = V.Of(a);
        V.AddProduct(ref c0, x, b0);
        if (W.Value >= 2)
            V.AddProduct(ref c1, x, b1);
        if (W.Value >= 3)
            V.AddProduct(ref c2, x, b2);
        if (W.Value == 4)
            V.AddProduct(ref c3, x, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadRow<V, W>(float* c, ref V c0, ref V c1, ref V c2)
        where V : struct, IVector<V>
        where W : struct, IConstant
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
        where W : struct, IConstant
    {
        V.Store(c, c0);
        if (W.Value >= 2)
            V.Store(c + V.Width, c1);
        if (W.Value >= 3)
            V.Store(c + (2 * V.Width), c2);
    }
}

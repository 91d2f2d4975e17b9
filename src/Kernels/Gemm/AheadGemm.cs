using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// The matrix product whose blocks are copied to shared memory three ahead of the sums. Where a multiprocessor has one group of threads, it
/// waits for memory less than <see cref="DeviceGemm"/>'s, whose registers hold one block ahead. The bits are the same. A large tile has no
/// use for it: between two of its blocks are more multiply-adds than a read takes.
/// </summary>
internal static class AheadGemm
{
    private const int Stages = 4; // one block that is computed with, the others on their way: see WaitForAllButTwo

    /// <summary>The product by way of copies.</summary>
    /// <typeparam name="C">Who copies.</typeparam>
    /// <typeparam name="T">The tile.</typeparam>
    internal readonly struct Copied<C, T> : IProduct
        where C : struct, IBlockCopies<C>
        where T : struct, ITile<T>
    {
        public static void Launch<LA, LB, W, E>(Device device, MatMulArguments<E> arguments)
            where LA : struct, ILayout
            where LB : struct, ILayout
            where W : struct, IWidth
            where E : struct, IDeviceEpilogue
        {
            var grid = DeviceGemm.Grid2D<T>(arguments.M, arguments.N);
            var copied = new CopiedArguments<E>(arguments, CopySource.Of(arguments.A), CopySource.Of(arguments.B));
            Launcher.Groups(device, grid, T.Threads, MatMulAheadKernel<C, T, LA, LB, W, E>, copied);
        }
    }

    internal static void MatMulAheadKernel<C, T, LA, LB, W, E>(CopiedArguments<E> p)
        where C : struct, IBlockCopies<C>
        where T : struct, ITile<T>
        where LA : struct, ILayout
        where LB : struct, ILayout
        where W : struct, IWidth
        where E : struct, IDeviceEpilogue
    {
        int stride = (T.Side / 4) + 1, buffer = T.Depth * stride, depth = p.Product.K; // in fours
        var shared = SharedMemory.Allocate<F4>(2 * Stages * T.Depth * ((T.Side / 4) + 1));
        var (sharedA, sharedB) = (shared.SubView(0, Stages * buffer), shared.SubView(Stages * buffer, Stages * buffer));
        var copies = C.Create(shared);
        var (row, column) = DeviceGemm.Place<T>();
        var a = Share.Of<T, LA, W>(p.A, row, p.Product.M, depth, 0);
        var b = Share.Of<T, LB, W>(p.B, column, p.Product.N, depth, Stages * buffer);

        for (int k = 0, to = 0; k < (Stages - 1) * T.Depth; k += T.Depth, to += buffer)
            Start<C, T, LA, LB, W>(copies, a, b, k, to);
        int now = 0, free = (Stages - 1) * buffer, end = 0;
        var sums = T.Begin(p.Product, row, column);
        for (; end + T.Depth <= depth; end += T.Depth)
        {
            C.WaitForAllButTwo(copies);
            Group.Barrier(); // all threads' copies are there, and nobody reads the block before
            Start<C, T, LA, LB, W>(copies, a, b, end + ((Stages - 1) * T.Depth), free);
            sums = T.Steps(sums, sharedA, sharedB, now);
            free = now;
            now = now == (Stages - 1) * buffer ? 0 : now + buffer;
        }
        C.WaitForAllButTwo(copies);
        Group.Barrier();
        for (int step = 0; step < depth - end; step += T.StepsAtOnce)
            sums = T.Step(sums, sharedA, sharedB, now + (step * stride), depth - end - step);
        T.End<W, E>(p.Product, row, column, sums);
    }

    /// <summary>Starts to copy both operands' blocks at k, if there is one, as a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Start<C, T, LA, LB, W>(C copies, Share a, Share b, int k, int to)
        where C : struct, IBlockCopies<C>
        where T : struct, ITile<T>
        where LA : struct, ILayout
        where LB : struct, ILayout
        where W : struct, IWidth
    {
        Copy<C, T, LA, W>(copies, a, k, to);
        Copy<C, T, LB, W>(copies, b, k, to);
        C.Close(copies);
    }

    /// <summary>
    /// Starts to copy a thread's share of a block. Numbers that lie along k go one by one, since they are transposed on their way; those
    /// outside of the matrix are those at its edge, which nothing is computed with.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<C, T, L, W>(C copies, Share share, int k, int to)
        where C : struct, IBlockCopies<C>
        where T : struct, ITile<T>
        where L : struct, ILayout
        where W : struct, IWidth
    {
        if (IsByFour<L, W>())
        {
            CopyFour<C, T, L>(copies, share, k, to, 0);
            if (T.Reads == 2)
                CopyFour<C, T, L>(copies, share, k, to, 1);
            return;
        }
        CopyOne<C, T, L>(copies, share, share.Sides.X, k, to, 0);
        CopyOne<C, T, L>(copies, share, share.Sides.Y, k, to, 1);
        CopyOne<C, T, L>(copies, share, share.Sides.Z, k, to, 2);
        CopyOne<C, T, L>(copies, share, share.Sides.W, k, to, 3);
        if (T.Reads == 2)
        {
            CopyOne<C, T, L>(copies, share, share.MoreSides.X, k, to, 4);
            CopyOne<C, T, L>(copies, share, share.MoreSides.Y, k, to, 5);
            CopyOne<C, T, L>(copies, share, share.MoreSides.Z, k, to, 6);
            CopyOne<C, T, L>(copies, share, share.MoreSides.W, k, to, 7);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyFour<C, T, L>(C copies, Share share, int k, int to, int read)
        where C : struct, IBlockCopies<C>
        where T : struct, ITile<T>
        where L : struct, ILayout
    {
        int on = 4 * read * L.DepthsOn<T>(), step = k + share.Depth + on;
        int at = share.Sides.X + L.DepthIndex(step, share.Count), place = share.Place + (4 * to) + (on * (T.Side + 4));
        C.CopyFour(copies, share.From, at, place, step < share.Depths);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyOne<C, T, L>(C copies, Share share, int side, int k, int to, int i)
        where C : struct, IBlockCopies<C>
        where T : struct, ITile<T>
        where L : struct, ILayout
    {
        int step = k + share.Depth + (i * L.DepthsOn<T>());
        int on = i * ((L.DepthsOn<T>() * (T.Side + 4)) + L.SidesOn<T>());
        C.CopyOne(copies, share.From, side + L.DepthIndex(step, share.Count), share.Place + (4 * to) + on, step < share.Depths);
    }

    private static bool IsByFour<L, W>()
        where L : struct, ILayout
        where W : struct, IWidth => L.SidesAtOnce == 4 && W.IsByFour(OperandWidth.ByFour);

    /// <summary>A thread's share of an operand's blocks: what is the same for all of them.</summary>
    /// <param name="From">The operand.</param>
    /// <param name="Sides">The offsets of its places along the side, clamped to the last one.</param>
    /// <param name="MoreSides">Those of a second read.</param>
    /// <param name="Count">All places along the side.</param>
    /// <param name="Depth">The step of k in a block.</param>
    /// <param name="Depths">All steps of k.</param>
    /// <param name="Place">The place of its first number in shared memory.</param>
    private readonly record struct Share(
        CopySource From, FourOffsets Sides, FourOffsets MoreSides, int Count, int Depth, int Depths, int Place)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Share Of<T, L, W>(CopySource from, int first, int count, int depths, int place)
            where T : struct, ITile<T>
            where L : struct, ILayout
            where W : struct, IWidth
        {
            int n = IsByFour<L, W>() ? 4 * Group.IdxX : Group.IdxX, depth = L.DepthOf<T>(n), side = L.SideOf<T>(n);
            int last = IsByFour<L, W>() ? count - 4 : count - 1;
            return new(
                from, FourOffsets.Of<L>(first + side, L.SidesOn<T>(), last, depths),
                FourOffsets.Of<L>(first + side + (4 * L.SidesOn<T>()), L.SidesOn<T>(), last, depths),
                count, depth, depths, (4 * place) + (depth * (T.Side + 4)) + side);
        }
    }

    private readonly record struct FourOffsets(int X, int Y, int Z, int W)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static FourOffsets Of<L>(int side, int on, int last, int depths)
            where L : struct, ILayout => new(
                L.SideIndex(Math.Min(side, last), depths),
                L.SideIndex(Math.Min(side + on, last), depths),
                L.SideIndex(Math.Min(side + (2 * on), last), depths),
                L.SideIndex(Math.Min(side + (3 * on), last), depths));
    }
}

/// <summary>The arguments of a product whose blocks are copied.</summary>
/// <param name="Product">The product's own.</param>
/// <param name="A">Its a, to copy from.</param>
/// <param name="B">Its b.</param>
internal readonly record struct CopiedArguments<E>(MatMulArguments<E> Product, CopySource A, CopySource B)
    where E : struct, IDeviceEpilogue;

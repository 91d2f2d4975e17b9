using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GanFromScratch.Kernels;

/// <summary>An operand that numbers are copied from.</summary>
/// <param name="All">All of it.</param>
/// <param name="Address">Where it begins, in bytes.</param>
internal readonly record struct CopySource(ArrayView<float> All, long Address)
{
    /// <summary>Creates the source, on the caller's side.</summary>
    public static CopySource Of(ArrayView<float> all) => new(all, all.LoadEffectiveAddressAsPtr().ToInt64());
}

/// <summary>
/// Copies from global to shared memory that go on while their thread computes. They are gathered in groups, which are waited for in the
/// order in which they were closed.
/// </summary>
/// <typeparam name="C">The type itself.</typeparam>
internal interface IBlockCopies<C>
    where C : struct, IBlockCopies<C>
{
    /// <summary>Creates a thread's copies to the group's shared memory, which must be all that the kernel has.</summary>
    static abstract C Create(ArrayView<F4> shared);

    /// <summary>
    /// Starts to copy a number. Where it doesn't exist nothing is read, and what is written is not to be computed with. Places count
    /// numbers.
    /// </summary>
    static abstract void CopyOne(C copies, CopySource from, int at, int to, bool exists);

    /// <summary>The same for four numbers, at places that are multiples of four.</summary>
    static abstract void CopyFour(C copies, CopySource from, int at, int to, bool exist);

    /// <summary>Closes the group that was begun; it may be empty.</summary>
    static abstract void Close(C copies);

    /// <summary>Waits until at most two closed groups of this thread's are still on their way.</summary>
    static abstract void WaitForAllButTwo(C copies);
}

/// <summary>Those of compute capability 8.0 and newer, by inline PTX.</summary>
internal readonly struct CudaCopies : IBlockCopies<CudaCopies>
{
    // ILGPU's name for a kernel's first array in shared memory. A view's own address can't be had without making all reads of it generic.
    private const string To = "{ .reg .b32 to; mov.b32 to, __shared_alloca0; add.s32 to, to, %0; ";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CudaCopies Create(ArrayView<F4> shared) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyOne(CudaCopies copies, CopySource from, int at, int to, bool exists) => CudaAsm.Emit(
        To + "cp.async.ca.shared.global [to], [%1], 4, %2; }", 4 * to, from.Address + (4L * (uint)at), exists ? 4 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyFour(CudaCopies copies, CopySource from, int at, int to, bool exist) => CudaAsm.Emit(
        To + "cp.async.cg.shared.global [to], [%1], 16, %2; }", 4 * to, from.Address + (4L * (uint)at), exist ? 16 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Close(CudaCopies copies) => CudaAsm.Emit("cp.async.commit_group;");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WaitForAllButTwo(CudaCopies copies) => CudaAsm.Emit("cp.async.wait_group 2;");
}

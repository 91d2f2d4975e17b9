using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>
/// Runs kernels, always in the same order: one block after the other, and in it one thread after the other until it has to wait. That finds
/// what a GPU may let pass: addresses outside of blocks, values that nothing was written to, races, and barriers that not every thread
/// comes to.
/// </summary>
internal sealed class PtxMachine(PtxGlobalMemory global)
{
    private const int InvalidValue = 1;
    private const int OutOfResources = 701;

    /// <summary>Instructions run so far.</summary>
    public long Instructions { get; private set; }

    /// <exception cref="CudaException">The launch does not fit the kernel, or a thread does what it must not.</exception>
    public void Run(PtxKernel kernel, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments)
    {
        CheckLaunch(kernel, grid, groupSize, arguments);
        var slots = Slots(kernel, grid, groupSize, arguments);
        var shared = new PtxSharedMemory(kernel.Shared);
        var threads = new PtxThread[groupSize];
        for (int t = 0; t < threads.Length; t++)
            threads[t] = new PtxThread(t, kernel, global, shared);
        for (int z = 0; z < grid.Z; z++)
        {
            for (int y = 0; y < grid.Y; y++)
            {
                for (int x = 0; x < grid.X; x++)
                {
                    Set(slots, kernel, "%ctaid.x", x);
                    Set(slots, kernel, "%ctaid.y", y);
                    Set(slots, kernel, "%ctaid.z", z);
                    RunBlock(kernel, new GridSize(x, y, z), threads, shared, slots);
                }
            }
        }
        Instructions += threads.Sum(thread => thread.Count);
    }

    private static void RunBlock(PtxKernel kernel, GridSize block, PtxThread[] threads, PtxSharedMemory shared, PtxSlot[] slots)
    {
        shared.Clear();
        foreach (var thread in threads)
            thread.Start(slots);
        var running = threads[0];
        try
        {
            do
            {
                for (int first = 0; first < threads.Length; first += PtxWarp.Size)
                {
                    int count = int.Min(PtxWarp.Size, threads.Length - first);
                    PtxWarp.Run(threads.AsSpan(first, count), thread => running = thread);
                }
            }
            while (PassBarrier(threads, shared, ref running));
        }
        catch (PtxFault fault)
        {
            var i = running.Instruction;
            string thread = $"thread {running.Number} of block ({block.X}, {block.Y}, {block.Z})";
            throw new CudaException(fault.Code, $"{kernel.Name}, line {i.Line}, '{i.Text}', {thread}: {fault.Message}");
        }
    }

    // Whether there was one.
    private static bool PassBarrier(PtxThread[] threads, PtxSharedMemory shared, ref PtxThread running)
    {
        PtxThread? first = null;
        foreach (var thread in threads)
        {
            if (thread.Stop == PtxStop.End)
                continue;
            first ??= thread;
            running = thread;
            if (thread.Place != first.Place)
                throw new PtxFault(PtxFault.LaunchFailed, $"thread {first.Number} is at another barrier, in line {first.Instruction.Line}");
        }
        if (first is null)
            return false;
        foreach (var thread in threads)
        {
            if (thread.Stop == PtxStop.Barrier)
                thread.Continue();
        }
        shared.Barrier();
        return true;
    }

    private static PtxSlot[] Slots(PtxKernel kernel, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments)
    {
        var slots = new PtxSlot[kernel.Slots];
        foreach (var (value, slot) in kernel.Constants)
            slots[slot] = new PtxSlot(value);
        for (int p = 0; p < arguments.Length; p++)
            slots[kernel.Parameters[p].Slot] = new PtxSlot(arguments[p].Bits);
        foreach (string special in kernel.Specials.Keys)
            Set(slots, kernel, special, special.StartsWith("%n", StringComparison.Ordinal) ? 1 : 0);
        Set(slots, kernel, "%ntid.x", groupSize);
        Set(slots, kernel, "%nctaid.x", grid.X);
        Set(slots, kernel, "%nctaid.y", grid.Y);
        Set(slots, kernel, "%nctaid.z", grid.Z);
        return slots;
    }

    private static void Set(PtxSlot[] slots, PtxKernel kernel, string special, int value)
    {
        if (kernel.Specials.TryGetValue(special, out int slot))
            slots[slot] = new PtxSlot((ulong)value);
    }

    private static void CheckLaunch(PtxKernel kernel, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments)
    {
        if (grid.X < 1 || grid.Y is < 1 or > 65535 || grid.Z is < 1 or > 65535 || groupSize < 1)
            throw new CudaException(InvalidValue, $"{kernel.Name}: {groupSize} threads by ({grid.X}, {grid.Y}, {grid.Z}) blocks");
        int made = kernel.ExactThreads ?? kernel.MostThreads;
        if (kernel.ExactThreads is null ? groupSize > made : groupSize != made)
            throw new CudaException(OutOfResources, $"{kernel.Name}: {groupSize} threads, where it is made for {made}");
        if (arguments.Length != kernel.Parameters.Count)
            throw new CudaException(InvalidValue, $"{kernel.Name}: {arguments.Length} arguments for {kernel.Parameters.Count} parameters");
        foreach (var (argument, parameter) in arguments.ToArray().Zip(kernel.Parameters))
        {
            int size = parameter.Type.Size;
            if (argument.Size != size)
                throw new CudaException(InvalidValue, $"{kernel.Name}: {argument.Size} bytes for the parameter '{parameter.Name}' of {size}");
        }
    }
}

using ILGPU.Runtime;

namespace GanFromScratch.Tensors;

/// <content>Blocks of memory, and what is done where there are too few.</content>
public sealed partial class AcceleratorDevice
{
    /// <inheritdoc/>
    protected override Storage Allocate(int capacity)
    {
        long bytes = (long)capacity * sizeof(float);
        RefuseWhileCaptured("it takes memory that its rehearsal didn't");
        RequireAlive();
        try
        {
            var block = AllocateOrMakeRoom(capacity);
            _blocks.Add(block);
            return new AcceleratorStorage(this, capacity, block);
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw AcceleratorFault.IsOutOfMemory(fault)
                ? OutOfMemory($"another {ByteCount.Describe((ulong)bytes)}", fault)
                : Failed("gave memory", fault);
        }
    }

    private MemoryBuffer AllocateOrMakeRoom(int capacity)
    {
        while (true)
        {
            try
            {
                return _queue.Accelerator.AllocateRaw(capacity, sizeof(float));
            }
            catch (Exception fault) when (AcceleratorFault.Is(fault) && AcceleratorFault.IsOutOfMemory(fault))
            {
                if (!FreeIdle() && !(GiveUpRecordedWork() && FreeIdle()))
                    throw;
            }
        }
    }

    /// <summary>Gives idle blocks back to the driver.</summary>
    /// <returns>Whether there were any.</returns>
    private bool FreeIdle()
    {
        var idle = TakeIdle();
        if (idle.Count == 0)
            return false;
        _queue.Synchronize(); // what still works on them
        foreach (var block in idle.Cast<AcceleratorStorage>())
        {
            _blocks.Remove(block.Buffer);
            block.Buffer.Dispose();
        }
        return true;
    }

    private DeviceException OutOfMemory(string asked, Exception fault)
    {
        string free = FreeNow() is { } bytes ? $", of which {ByteCount.Describe((ulong)bytes)} are free" : "";
        return new DeviceException(
            $"The device {Description} has no memory for {asked}: tensors of this process take {Taken}, and it has "
            + $"{ByteCount.Describe(Description.Memory)} in all{free} ({AcceleratorFault.Describe(fault)}). A smaller batch needs less.",
            fault)
        {
            LacksMemory = true,
        };
    }

    private long? FreeNow()
    {
        try
        {
            return _queue.FreeBytes();
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            return null; // the sentence does without it
        }
    }
}

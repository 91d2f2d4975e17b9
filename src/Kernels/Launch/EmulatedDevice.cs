using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// A device that runs kernels as the C# that they are written in, one thread after another, so that a debugger can step through them; the threads of
/// a group that has barriers are threads of the machine, of which one runs at a time. It is slow: a barrier takes milliseconds.
/// </summary>
public sealed class EmulatedDevice : HostDevice
{
    /// <inheritdoc/>
    public override string Name => "emulated";

    /// <summary>Runs a body once for every thread of a launch.</summary>
    /// <param name="grid">Groups.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="alone">Whether threads never wait for each other: then they run one after another.</param>
    /// <param name="body">What a thread does, given its number among all.</param>
    internal static void Run(GridSize grid, int groupSize, bool alone, Action<int> body)
    {
        if (alone)
            RunOneByOne(grid, groupSize, body);
        else
            RunTogether(grid, groupSize, body);
    }

    private static IEnumerable<GridSize> Places(GridSize grid)
    {
        for (int z = 0; z < grid.Z; z++)
        {
            for (int y = 0; y < grid.Y; y++)
            {
                for (int x = 0; x < grid.X; x++)
                    yield return new GridSize(x, y, z);
            }
        }
    }

    private static void RunOneByOne(GridSize grid, int groupSize, Action<int> body)
    {
        foreach (var place in Places(grid))
        {
            using var group = new EmulatedGroup(grid, place, groupSize, null);
            for (int number = 0; number < groupSize; number++)
                RunThread(group, number, body);
        }
    }

    private static void RunTogether(GridSize grid, int groupSize, Action<int> body)
    {
        var turns = new Turns(groupSize);
        EmulatedGroup[] groups = [.. Places(grid).Select(place => new EmulatedGroup(grid, place, groupSize, turns))];
        var threads = new Thread[groupSize];
        for (int t = 0; t < groupSize; t++)
        {
            int number = t;
            threads[t] = new Thread(() => RunAll(number), maxStackSize: 256 << 10);
            threads[t].Start();
        }
        turns.Begin();
        foreach (var thread in threads)
            thread.Join();
        foreach (var group in groups)
            group.Dispose();
        turns.ThrowFailure();

        void RunAll(int number)
        {
            foreach (var group in groups)
            {
                turns.WaitFor(number);
                try
                {
                    if (!turns.Failed)
                        RunThread(group, number, body);
                }
                catch (Exception e)
                {
                    turns.Fail(e);
                }
                turns.End(number);
            }
        }
    }

    private static void RunThread(EmulatedGroup group, int number, Action<int> body)
    {
        var thread = new EmulatedThread(group, number);
        EmulatedThread.Current = thread;
        try
        {
            body((group.Place.X * group.Size) + number);
        }
        finally
        {
            thread.End();
        }
    }
}

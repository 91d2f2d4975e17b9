namespace GanFromScratch.Tests;

/// <summary>The threads of a block that give each other values without a barrier.</summary>
internal static class PtxWarp
{
    public const int Size = 32;

    /// <summary>Runs the threads until each is at a barrier or has ended.</summary>
    /// <param name="threads">The threads of one warp.</param>
    /// <param name="running">Is told which thread is about to run.</param>
    public static void Run(ReadOnlySpan<PtxThread> threads, Action<PtxThread> running)
    {
        while (true)
        {
            PtxThread? shuffling = null;
            foreach (var thread in threads)
            {
                if (thread.Stop == PtxStop.None)
                {
                    running(thread);
                    thread.Run();
                }
                if (thread.Stop == PtxStop.Shuffle)
                    shuffling ??= thread;
            }
            if (shuffling is null)
                return;
            running(shuffling);
            Shuffle(threads, shuffling, running);
        }
    }

    private static void Shuffle(ReadOnlySpan<PtxThread> threads, PtxThread first, Action<PtxThread> running)
    {
        var i = first.Instruction;
        Span<ulong> values = stackalloc ulong[threads.Length];
        foreach (var thread in threads)
        {
            if (thread.Stop == PtxStop.End)
                continue;
            if (thread.Stop != PtxStop.Shuffle || thread.Place != first.Place)
            {
                string place = $"line {thread.Instruction.Line}, '{thread.Instruction.Text}'";
                throw new PtxFault(PtxFault.LaunchFailed, $"thread {thread.Number} of the same warp is at {place}, and not in the shuffle");
            }
            running(thread);
            if (thread.Read(i.Members) != uint.MaxValue)
                throw new PtxFault(PtxFault.LaunchFailed, "only shuffles of the whole warp, 0xffffffff, are interpreted");
            values[thread.Number % Size] = thread.Read(i.A);
        }
        foreach (var thread in threads)
        {
            if (thread.Stop == PtxStop.End)
                continue;
            running(thread);
            int lane = thread.Number % Size;
            int source = Source(i.Shuffle, lane, (int)thread.Read(i.B) & 31, (int)thread.Read(i.C), out bool inRange);
            if (source >= threads.Length || threads[source].Stop == PtxStop.End)
                throw new PtxFault(PtxFault.LaunchFailed, $"lane {source}, whose value is asked for, is not running");
            thread.Write(i.Result, values[source]);
            if (i.InRange >= 0)
                thread.Write(i.InRange, inRange ? 1ul : 0);
        }
        foreach (var thread in threads)
        {
            if (thread.Stop == PtxStop.Shuffle)
                thread.Continue();
        }
    }

    // The ISA's pseudocode: c holds a clamp in bits 0 to 4, and in bits 8 to 12 which bits of a lane name its segment.
    private static int Source(PtxShuffle mode, int lane, int b, int c, out bool inRange)
    {
        int segment = (c >> 8) & 31;
        int last = (lane & segment) | (c & 31 & ~segment);
        int source = mode switch
        {
            PtxShuffle.Up => lane - b,
            PtxShuffle.Down => lane + b,
            PtxShuffle.Bfly => lane ^ b,
            _ => (lane & segment) | (b & ~segment),
        };
        inRange = mode == PtxShuffle.Up ? source >= last : source <= last;
        return inRange ? source : lane;
    }
}

using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

public class WorkerTeamTests
{
    [Test]
    public void EveryUnitIsDoneOnce([Values(1, 2, 3, 5, 8, 33)] int threads)
    {
        using var device = new CpuDevice(threads);
        foreach (int units in (int[])[0, 1, 2, 3, 4, 5, 7, 8, 9, 32, 33, 34, 1023])
        {
            foreach (int least in (int[])[0, 1, 4, int.MaxValue])
            {
                var counts = new int[units];
                var job = new Count(counts);
                device.Run(ref job, units, least);
                Assert.That(counts, Is.All.EqualTo(1), $"{units} units, at least {least} a thread");
            }
        }
    }

    [Test]
    public void UnitsAreSpreadOverAllThreadsOnlyWhereWorthwhile()
    {
        using var device = new CpuDevice(4);
        Assert.That(ThreadsOf(units: 16, least: 1), Is.EqualTo(4));
        Assert.That(ThreadsOf(units: 16, least: 5), Is.EqualTo(3));
        Assert.That(ThreadsOf(units: 3, least: 1), Is.EqualTo(3));
        Assert.That(ThreadsOf(units: 16, least: 9), Is.EqualTo(1));

        int ThreadsOf(int units, int least)
        {
            var ids = new int[units];
            var job = new Who(ids);
            device.Run(ref job, units, least);
            return ids.Distinct().Count();
        }
    }

    // With 4 threads and 8 units, units 0 and 1 are the caller's, 2 to 7 the workers'.
    [TestCase(new[] { 0 })]
    [TestCase(new[] { 3 })]
    [TestCase(new[] { 7 })]
    [TestCase(new[] { 0, 7 })]
    [TestCase(new[] { 0, 2, 4, 6 })]
    public void AFailureSurfacesAndTheTeamWorksOn(int[] failing)
    {
        using var device = new CpuDevice(4);
        for (int time = 0; time < 50; time++)
        {
            var bad = new Fail(failing);
            var failure = Assert.Throws<TimeoutException>(() => device.Run(ref bad, 8));
            Assert.That(failure!.Message, Is.AnyOf(Array.ConvertAll(failing, unit => $"unit {unit}")));
            var counts = new int[8];
            var good = new Count(counts);
            device.Run(ref good, 8); // must not meet what was left of the failure
            Assert.That(counts, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void ThousandsOfTinyJobsFollowEachOther()
    {
        using var device = new CpuDevice(3);
        const int Jobs = 2000;
        var counts = new int[7];
        for (int i = 0; i < Jobs; i++)
        {
            var job = new Count(counts);
            device.Run(ref job, counts.Length);
        }
        Assert.That(counts, Is.All.EqualTo(Jobs));
    }

    [Test]
    public void SleepersWakeUp()
    {
        using var device = new CpuDevice(4);
        var counts = new int[64];
        for (int pause = 0; pause < 20; pause++)
        {
            Thread.Sleep(pause % 4); // around the 0.2 ms after which workers go to sleep, and well past it
            var job = new Count(counts);
            device.Run(ref job, counts.Length);
        }
        Assert.That(counts, Is.All.EqualTo(20));
    }

    [TestCase(4)]
    [ExhaustiveCase(20)]
    public void AJobInAnObjectStaysInPlaceWhileWorkersRunIt(int times)
    {
        using var device = new CpuDevice(3);
        for (int i = 0; i < times; i++)
        {
            Thread.Sleep(1); // workers asleep: they begin after the caller's part has moved the heap
            for (int hole = 0; hole < 1000; hole++)
                _ = new byte[100];
            var holder = new Holder();
            device.Run(ref holder.Job, 3);
            Assert.That(holder.Job.Counts, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void DisposalEndsTheThreads()
    {
        var device = new CpuDevice(4);
        var threads = new Thread[4];
        using var barrier = new Barrier(4);
        var job = new Meet(threads, barrier);
        device.Run(ref job, 4);
        Assert.That(threads[0], Is.SameAs(Thread.CurrentThread));
        Assert.That(threads.Skip(1).Select(t => t.IsAlive && t.IsBackground), Is.All.True);
        Thread.Sleep(5);
        device.Dispose();
        Assert.That(threads.Skip(1).Select(t => t.IsAlive), Is.All.False);
        Assert.DoesNotThrow(device.Dispose);
    }

    private readonly struct Count(int[] counts) : IJob
    {
        public void Run(int from, int to)
        {
            for (int i = from; i < to; i++)
                Interlocked.Increment(ref counts[i]);
        }
    }

    private readonly struct Who(int[] ids) : IJob
    {
        public void Run(int from, int to) => ids.AsSpan(from..to).Fill(Environment.CurrentManagedThreadId);
    }

    private readonly struct Meet(Thread[] threads, Barrier barrier) : IJob
    {
        public void Run(int from, int to)
        {
            threads[from] = Thread.CurrentThread;
            barrier.SignalAndWait();
        }
    }

    private readonly struct Fail(int[] units) : IJob
    {
        public void Run(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                if (units.Contains(i))
                    throw new TimeoutException($"unit {i}");
            }
        }
    }

    private struct Moving() : IJob
    {
        public readonly int[] Counts = new int[3];

        public readonly void Run(int from, int to)
        {
            if (from == 0)
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            for (int i = from; i < to; i++)
                Interlocked.Increment(ref Counts[i]);
        }
    }

    private sealed class Holder
    {
        public Moving Job = new();
    }
}

using System.Text.Json;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan serve` under a load: a day's log, fifty pages.</summary>
public sealed class ServeLoadTests
{
    private const int Pages = 50, EpochsOfADay = 10_000, StepsOfEpoch = 50, Rounds = 8, LinesOfRound = 200, DrawsOfRound = 25;

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public async Task FiftyPagesOfADaysLogNeedNoMoreMemory()
    {
        ToolRequirement.Require(Directory.Exists("/proc/self"), "/proc");
        using var gan = new GanProgram();
        gan.Done("train --recipe sdl --dataset digits --limit 64 --batch 16 --samples 4 --sample-every 1 --epochs 1 --output run -q");
        string epoch = File.ReadLines(gan["run", "metrics.jsonl"]).Single(), scores = File.ReadLines(gan["run", "scores.jsonl"]).Single();
        int step = 4;
        File.AppendAllLines(gan["run", "steps.csv"], Enumerable.Range(0, EpochsOfADay * StepsOfEpoch).Select(_ => Row(++step)));
        File.AppendAllLines(gan["run", "metrics.jsonl"], Enumerable.Repeat(epoch, EpochsOfADay));
        File.AppendAllLines(gan["run", "scores.jsonl"], Enumerable.Repeat(scores, EpochsOfADay));

        using var served = await ServedRuns.Start(gan, "serve run");
        using var client = new HttpClient { BaseAddress = served.Address, Timeout = TimeSpan.FromMinutes(5) };
        byte[] whole = await client.GetByteArrayAsync("api/runs/run");
        Assert.That(whole, Has.Length.LessThan(2_000_000), "a page gets what it can draw, not a day's lines");
        var places = JsonDocument.Parse(whole).RootElement.GetProperty("places");
        long At(string name) => places.GetProperty(name).GetInt64();
        Assert.That(At("steps"), Is.EqualTo(new FileInfo(gan["run", "steps.csv"]).Length));

        string path = $"api/runs/run/events?steps={At("steps")}&epochs={At("epochs")}&scores={At("scores")}";
        using var stop = new CancellationTokenSource();
        int[] heard = new int[Pages];
        Task[] pages =
        [
            .. Enumerable.Range(0, Pages)
                .Select(page => Listen(client, path, () => Interlocked.Increment(ref heard[page]), stop.Token)),
        ];
        long early = 0, late = 0;
        for (int round = 0; round < Rounds; round++)
        {
            File.AppendAllLines(gan["run", "steps.csv"], Enumerable.Range(0, LinesOfRound).Select(_ => Row(++step)));
            File.AppendAllLines(gan["run", "metrics.jsonl"], [epoch]);
            for (int i = 0; i < DrawsOfRound; i++) // each with a generator that an epoch has just written
            {
                var written = new DateTime(2026, 1, 1).AddSeconds((round * DrawsOfRound) + i);
                File.SetLastWriteTimeUtc(gan["run", "generator.safetensors"], written);
                await client.GetByteArrayAsync("api/runs/run/pictures?count=4");
            }
            await Task.Delay(1500);
            served.Process.Refresh();
            if (round == 1)
                early = served.Process.WorkingSet64;
            late = served.Process.WorkingSet64;
        }
        stop.Cancel();
        await Task.WhenAll(pages);
        TestContext.Out.WriteLine($"{early >> 20} MiB after two rounds, {late >> 20} after {Rounds}; {heard.Min()} events a page");
        Assert.That(heard.Min(), Is.GreaterThan(Rounds), "every page hears of every round");
        Assert.That(late - early, Is.LessThan(24 << 20));

        static string Row(int step) => $"{step},0.{step % 997:000},1.25,0.5,0.5";
    }

    private static async Task Listen(HttpClient client, string path, Action heard, CancellationToken stop)
    {
        try
        {
            using var stream = await client.GetStreamAsync(path, stop);
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(stop) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                    heard();
            }
        }
        catch (OperationCanceledException)
        {
            // the page is closed
        }
    }
}

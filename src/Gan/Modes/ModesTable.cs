using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

/// <summary>Runs of `gan modes`, one for each mixture and seed: a line for each, means over the seeds, and their files.</summary>
internal sealed class ModesTable
{
    private readonly RunFolder _folder;
    private readonly Screen _screen;
    private readonly DeviceChoice _choice;
    private readonly IReadOnlyList<ModesRun> _runs;
    private readonly Dictionary<ModesRun, ModesScore> _scores = [];
    private readonly LogFile _log;
    private long _steps;

    /// <summary>Makes the log.</summary>
    public ModesTable(RunFolder folder, Screen screen, DeviceChoice choice, IReadOnlyList<ModesRun> runs)
    {
        (_folder, _screen, _choice, _runs) = (folder, screen, choice, runs);
        _log = new LogFile(Path.Combine(folder.Name, "modes.csv"), "set,seed,modes,of,high_quality,reverse_kl,steps,seconds\n");
    }

    /// <summary>Runs all of them. On the cpu as many side by side as it has threads: these networks are too small to be worth two.</summary>
    /// <exception cref="GanException">One diverged, or a file can't be written.</exception>
    public void Run(CancellationToken stop)
    {
        var first = _runs[0];
        _screen.Say($"losses  {first.Objective}");
        foreach (var run in _runs.DistinctBy(run => run.Mixture))
            _screen.Say($"{run.Mixture.Name,-8}{run.Mixture.Modes} modes; {run.Recipe.Summary}, {Counted.Of(run.Steps, "step")} of {run.Batch} points");
        _screen.Say($"device  {_choice}");
        _screen.Say($"output  {_folder.Name}");
        _screen.During(() =>
        {
            int workers = Math.Min(_choice.Threads ?? 1, _runs.Count);
            if (workers == 1)
            {
                using var device = _choice.Open();
                foreach (var run in _runs)
                    Report(run, run.Run(device, Stepped, stop));
            }
            else
            {
                SideBySide(workers, stop);
            }
            return true;
        });
        _screen.Say();
        foreach (var of in _scores.GroupBy(pair => pair.Key.Mixture, pair => pair.Value))
            Say(of.Key, [.. of]);
    }

    private void SideBySide(int workers, CancellationToken stop)
    {
        var waiting = new ConcurrentQueue<ModesRun>(_runs);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        ExceptionDispatchInfo? fault = null;
        var threads = Enumerable.Range(0, workers).Select(_ => new Thread(() =>
        {
            try
            {
                using var device = new CpuDevice(threads: 1);
                while (waiting.TryDequeue(out var run))
                    Report(run, run.Run(device, Stepped, failed.Token));
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(e), null);
                failed.Cancel();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        fault?.Throw();
    }

    private void Stepped()
    {
        long done = Interlocked.Increment(ref _steps), all = _runs.Sum(run => (long)run.Steps);
        if (_screen.IsLive && done % 100 == 0)
        {
            lock (_scores)
                _screen.Show($"{_scores.Count} of {Counted.Of(_runs.Count, "run")} done, {100.0 * done / all:0} % of all steps");
        }
    }

    private void Report(ModesRun run, (ModesScore Score, double Seconds) result)
    {
        var (score, seconds) = result;
        lock (_scores)
        {
            _scores[run] = score;
            _log.Append(string.Create(
                CultureInfo.InvariantCulture,
                $"{run.Mixture.Name},{run.Seed},{score.Covered},{run.Mixture.Modes},{score.HighQuality:R},{score.ReverseKl:R},{run.Steps},{seconds:0.0}"));
            _screen.Say($"{run.Mixture.Name}, seed {run.Seed}: {score.Covered} of {run.Mixture.Modes} modes, {100 * score.HighQuality:0.0} % within 3 sigma, "
                + $"reverse KL {score.ReverseKl:0.0000}  ({TrainingProgress.Words(seconds)})");
            if (run.Pictures is not { Count: > 0 } pictures)
                return;
            WholeFile.Write(Path.Combine(_folder.Name, $"{run.Mixture.Name}.gif"), stream => Gif.Write(stream, pictures, delay: 8));
            WholeFile.Write(Path.Combine(_folder.Name, $"{run.Mixture.Name}.png"), stream => Png.Write(stream, pictures[^1]));
        }
    }

    private void Say(Mixture mixture, IReadOnlyList<ModesScore> scores)
    {
        var (modes, modesError) = Mean(scores.Select(score => (double)score.Covered));
        var (quality, qualityError) = Mean(scores.Select(score => 100 * score.HighQuality));
        var (kl, klError) = Mean(scores.Select(score => score.ReverseKl));
        _screen.Say($"{mixture.Name}, {Counted.Of(scores.Count, "seed")}: {modes:0.0}±{modesError:0.0} of {mixture.Modes} modes, {quality:0.0}±{qualityError:0.0} % within 3 sigma, "
            + $"reverse KL {kl:0.0000}±{klError:0.0000} (mean and standard error)");
    }

    /// <summary>The mean, and the standard error of it: the sample's deviation over the root of its size; 0 for one value.</summary>
    internal static (double Mean, double Error) Mean(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double mean = all.Average(), squares = all.Sum(value => (value - mean) * (value - mean));
        return (mean, all.Length > 1 ? Math.Sqrt(squares / (all.Length - 1) / all.Length) : 0);
    }
}

using System.Diagnostics;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// How training goes, for a person: a live line ten times a second where there is one, otherwise how long it will take; and a line for each
/// epoch.
/// </summary>
internal sealed class ConsoleSink(Screen screen, Trainer trainer) : IRunSink
{
    private static readonly long Pause = Stopwatch.Frequency / 10;

    private readonly int _epochs = (int)(((long)trainer.TotalSteps + trainer.StepsPerEpoch - 1) / trainer.StepsPerEpoch);
    private readonly int _picturesPerStep = trainer.Batch * trainer.Objective.DiscriminatorSteps;
    private long _began, _epochBegan, _next;
    private int _firstStep, _firstOfEpoch;
    private bool _saidLength;
    private readonly MetricValues _sum = new(trainer.Recipe.Metrics);

    /// <inheritdoc/>
    public void Step(TrainingPosition position, MetricValues metrics)
    {
        long now = Stopwatch.GetTimestamp();
        if (_began == 0)
            (_began, _firstStep) = (now, position.Step); // after the first step, which is slow: its code is compiled
        if (!screen.IsLive)
        {
            SayLength(position.Step, now);
            return;
        }
        if (position.StepOfEpoch == 1 || position.Step == _firstStep)
        {
            (_epochBegan, _firstOfEpoch) = (now, position.StepOfEpoch);
            _sum.Clear();
        }
        _sum.Add(metrics);
        if (now < _next)
            return;
        _next = now + Pause;
        var mean = _sum.Mean(position.StepOfEpoch - _firstOfEpoch + 1);
        double rate = (position.StepOfEpoch - _firstOfEpoch) * _picturesPerStep / Stopwatch.GetElapsedTime(_epochBegan, now).TotalSeconds;
        const int Full = 76; // columns; narrower windows go without the rate, so that the time left is seen
        string line = Short(position.Step, mean, Screen.Width < Full ? null : rate, now);
        screen.Show($"{position.Epoch}/{_epochs} {Bar(position)} {line}");
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report)
    {
        long now = Stopwatch.GetTimestamp();
        var (epoch, step, mean, rate) = (report.Epoch, report.Step, report.Mean, report.ImagesPerSecond);
        if (screen.IsLive)
        {
            if (epoch == 1)
                screen.Say("(D, G: their losses; %: how often D was right)");
            screen.Say($"epoch {epoch}/{_epochs}  {Short(step, mean, rate, now)}");
            return;
        }
        screen.Say($"epoch {epoch}/{_epochs}  step {step:N0}/{trainer.TotalSteps:N0}  D loss {mean[Metric.DiscriminatorLoss]:0.0000}  "
            + $"D accuracy {Accuracy(mean):0.0} %  G loss {mean[Metric.GeneratorLoss]:0.0000}  "
            + $"{Finite(rate):N0} images/s{Left(step, now)}");
    }

    /// <summary>A time as `0:07`, `12:31` or `1:02:03`.</summary>
    public static string Describe(double seconds)
    {
        long whole = double.IsFinite(seconds) ? (long)Math.Min(seconds + 0.5, 1e9) : 0;
        return whole < 3600 ? $"{whole / 60}:{whole % 60:00}" : $"{whole / 3600}:{whole / 60 % 60:00}:{whole % 60:00}";
    }

    // once, as soon as it can be told, of a run that takes longer than one waits for it
    private void SayLength(int step, long now)
    {
        const double FirstSeconds = 1, LongSeconds = 60;
        double seconds = Stopwatch.GetElapsedTime(_began, now).TotalSeconds;
        if (_saidLength || step == _firstStep || seconds < FirstSeconds)
            return;
        _saidLength = true;
        double ofStep = seconds / (step - _firstStep), left = ofStep * (trainer.TotalSteps - step);
        if (left >= LongSeconds)
            screen.Say($"{"time",-8}about {Describe(left)} for {Plural.Of(trainer.TotalSteps - step, "step")} of {1e3 * ofStep:0.0} ms");
    }

    // fits into the 80 columns of a terminal
    private string Short(int step, MetricValues mean, double? rate, long now) =>
        $"step {step:N0}  D {mean[Metric.DiscriminatorLoss]:0.000} {Accuracy(mean):0} %  G {mean[Metric.GeneratorLoss]:0.000}"
        + (rate is { } known ? $"  {Finite(known):N0} images/s" : "") + Left(step, now);

    private string Left(int step, long now) => step <= _firstStep || step == trainer.TotalSteps
        ? ""
        : $"  {Describe(Stopwatch.GetElapsedTime(_began, now).TotalSeconds / (step - _firstStep) * (trainer.TotalSteps - step))} left";

    private static double Accuracy(MetricValues mean) => 50 * (mean[Metric.AccuracyOnReal] + mean[Metric.AccuracyOnFake]);

    private static double Finite(double rate) => double.IsFinite(rate) ? rate : 0;

    private static string Bar(TrainingPosition position)
    {
        const int Cells = 8;
        int done = (int)((long)Cells * position.StepOfEpoch / position.StepsPerEpoch);
        return new string('━', done) + new string('─', Cells - done);
    }
}

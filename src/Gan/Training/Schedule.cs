using GanFromScratch.Gan.Losses;

namespace GanFromScratch.Gan.Training;

/// <summary>What changes over a run by the objective: the factor of learning rates and the deviation of instance noise.</summary>
/// <param name="objective">The objective that decides how they fall.</param>
/// <param name="totalSteps">Steps of the whole run.</param>
public sealed class Schedule(Objective objective, int totalSteps)
{
    private readonly double _last = (double)(decimal)objective.FinalRate; // the number that was written: 0.02, not the float next to it

    /// <summary>Returns the values of a step that follows so many others.</summary>
    public ScheduledValues After(int steps)
    {
        double progress = Math.Min(1, (double)steps / totalSteps); // who plays half steps may go on
        return new((float)RateFactor(objective.RateDecay, _last, progress), (float)(objective.InstanceNoise * (1 - progress)));
    }

    /// <summary>Returns the factor of the learning rates.</summary>
    /// <param name="decay">How they fall.</param>
    /// <param name="last">What it falls to.</param>
    /// <param name="progress">0 at the run's start, 1 at its end.</param>
    internal static double RateFactor(RateDecay decay, double last, double progress) => decay switch
    {
        RateDecay.Linear => 1 - ((1 - last) * progress),
        RateDecay.Cosine => last + ((1 - last) * 0.5 * (1 + Math.Cos(Math.PI * progress))),
        _ => 1,
    };
}

/// <summary>The scheduled values of one step.</summary>
/// <param name="RateFactor">The factor of both learning rates, and of R1 and R2 where they fall: from 1 downwards.</param>
/// <param name="InstanceNoise">The standard deviation of the noise on D's inputs.</param>
public readonly record struct ScheduledValues(float RateFactor, float InstanceNoise);

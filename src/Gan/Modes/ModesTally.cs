namespace GanFromScratch.Gan.Modes;

/// <summary>How well generated samples cover modes, measured as in the PacGAN paper (Lin et al., 2018).</summary>
/// <param name="Covered">Number of modes with at least one good sample.</param>
/// <param name="HighQuality">
/// The share of good samples, from 0 to 1: within three sigma of the nearest Gaussian's mean, which 98.9 % of real points are. Null for a
/// set whose samples are never far from a mode.
/// </param>
/// <param name="ReverseKl">The divergence of the shares of samples nearest to each mode from equal shares, in nats.</param>
public readonly record struct ModesScore(int Covered, double? HighQuality, double ReverseKl);

/// <summary>Counts samples by mode.</summary>
/// <param name="modes">Number of modes.</param>
/// <param name="judgesQuality">Whether samples can be far from every mode.</param>
public sealed class ModesTally(int modes, bool judgesQuality = true)
{
    private readonly int[] _near = new int[modes];
    private readonly bool[] _good = new bool[modes];
    private int _goodSamples, _samples;

    /// <summary>The score of the samples so far, at least one.</summary>
    public ModesScore Score
    {
        get
        {
            double kl = 0;
            foreach (int count in _near)
            {
                double p = (double)count / _samples;
                kl += count == 0 ? 0 : p * Math.Log(p * _near.Length);
            }
            return new ModesScore(_good.Count(found => found), judgesQuality ? (double)_goodSamples / _samples : null, kl);
        }
    }

    /// <summary>Counts a sample.</summary>
    /// <param name="mode">The mode that it is nearest to.</param>
    /// <param name="good">Whether it is near enough to cover it.</param>
    public void Add(int mode, bool good = true)
    {
        _samples++;
        _near[mode]++;
        _goodSamples += good ? 1 : 0;
        _good[mode] |= good;
    }
}

using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;

namespace GanFromScratch.Gan.Commands;

/// <summary>The options of what a GAN plays for, which `gan train` and `gan modes` share.</summary>
internal sealed class ObjectiveOptions
{
    private static readonly string[] Decays = [.. Enum.GetNames<RateDecay>().Select(name => name.ToLowerInvariant())];
    private readonly Option<string> _loss, _r1, _r2, _gp, _labelSmoothing, _flipLabels, _instanceNoise, _ema, _dSteps, _lrDecay, _gradClip, _pack;
    private readonly Option<bool> _spectralNorm;

    /// <summary>The options, made in the order of the help.</summary>
    public ObjectiveOptions(Func<string, string, string, Option<string>> value, Func<string, string, Option<bool>> flag)
    {
        _loss = value("--loss", string.Join('|', AdversarialLoss.All.Select(loss => loss.Name)), "What D and G play for; docs/losses.md says which when");
        _r1 = value("--r1", "GAMMA", "Penalty on D's slope at reals: gamma/2 · mean ‖slope‖²; it shrinks with the learning rate");
        _r2 = value("--r2", "GAMMA", "The same at fakes");
        _gp = value("--gp", "LAMBDA", "Penalty on D's slope between reals and fakes being other than 1; 10 with wgan-gp");
        _labelSmoothing = value("--label-smoothing", "X", "Reals get the label 1 - X");
        _flipLabels = value("--flip-labels", "P", "A label is the wrong one with this probability");
        _instanceNoise = value("--instance-noise", "S", "Deviation of noise on all that D sees; it falls to 0 by the run's end");
        _spectralNorm = flag("--spectral-norm", "Divides D's weights by their largest singular values");
        _ema = value("--ema", "DECAY", "Makes pictures from a moving average of G's weights, such as 0.999");
        _dSteps = value("--d-steps", "N", "D's updates for one of G's, each on its own reals; 5 with wgan and wgan-gp, else 1");
        _lrDecay = value("--lr-decay", string.Join('|', Decays), "How the learning rates fall, to a fiftieth at the run's end");
        _gradClip = value("--grad-clip", "X", "The greatest norm of a network's gradients");
        _pack = value("--pack", "M", "D judges M pictures together (PacGAN); the batch must be a multiple of M");
    }

    /// <summary>Reads and checks all of them. A loss that is asked for comes without the penalties and labels that stood with another loss.</summary>
    /// <param name="given">The command line.</param>
    /// <param name="standing">What holds where nothing is given.</param>
    /// <exception cref="GanException">Usage: a value of the wrong type or range, an unknown name, or options that make no sense together.</exception>
    public Objective Read(ParseResult given, Objective standing)
    {
        if (given.GetValue(_loss) is { } name && AdversarialLoss.Find(name) is var loss && loss != standing.Loss)
        {
            standing = new Objective
            {
                Loss = loss,
                GradientPenalty = loss.GradientPenalty,
                DiscriminatorSteps = loss.DiscriminatorSteps,
                RateDecay = standing.RateDecay,
                Ema = standing.Ema,
                GradientClip = standing.GradientClip,
                SpectralNorm = standing.SpectralNorm,
            };
        }
        if (given.NotNegative(_gp) > 0 && given.GetValue(_r1) is null && given.GetValue(_r2) is null)
            standing = standing with { R1 = 0f, R2 = 0f }; // what stood without being asked for makes way
        return new Objective
        {
            Loss = standing.Loss,
            R1 = given.NotNegative(_r1) ?? standing.R1,
            R2 = given.NotNegative(_r2) ?? standing.R2,
            GradientPenalty = given.NotNegative(_gp) ?? standing.GradientPenalty,
            LabelSmoothing = given.NotNegative(_labelSmoothing, below: 0.5f) ?? standing.LabelSmoothing,
            FlipLabels = given.NotNegative(_flipLabels, below: 0.5f) ?? standing.FlipLabels,
            InstanceNoise = given.NotNegative(_instanceNoise) ?? standing.InstanceNoise,
            SpectralNorm = given.GetValue(_spectralNorm) || standing.SpectralNorm,
            Ema = given.NotNegative(_ema, below: 1f) ?? standing.Ema,
            DiscriminatorSteps = given.Whole(_dSteps, 1, Objective.MostDiscriminatorSteps) ?? standing.DiscriminatorSteps,
            RateDecay = given.Choice(_lrDecay, Decays) is { } decay ? (RateDecay)decay : standing.RateDecay,
            GradientClip = given.NotNegative(_gradClip) ?? standing.GradientClip,
            Pack = given.Whole(_pack, 1, Objective.MostPack) ?? standing.Pack,
        }.Checked();
    }
}

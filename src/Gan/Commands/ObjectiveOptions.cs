using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;

namespace GanFromScratch.Gan.Commands;

/// <summary>The options of an <see cref="Objective"/>, for `gan train` and `gan modes`.</summary>
internal sealed class ObjectiveOptions
{
    private static readonly string[] Decays = [.. Enum.GetNames<RateDecay>().Select(name => name.ToLowerInvariant())];
    private readonly Option<string> _loss, _r1, _r2, _gp, _labelSmoothing, _flipLabels, _instanceNoise;
    private readonly Option<string> _ema, _dSteps, _lrDecay, _gradClip, _pack;
    private readonly Option<bool> _spectralNorm;

    /// <summary>Adds the options, in the order of the help.</summary>
    public ObjectiveOptions(Func<string, string, string, Option<string>> value, Func<string, string, Option<bool>> flag)
    {
        string losses = string.Join('|', AdversarialLoss.All.Select(loss => loss.Name));
        _loss = value("--loss", losses, "The adversarial loss; see docs/losses.md [default: the recipe's]");
        _r1 = value("--r1", "GAMMA", "Gradient penalty of D at real pictures: gamma/2 · mean ‖gradient‖²; decays with the learning rate");
        _r2 = value("--r2", "GAMMA", "The same at generated pictures");
        _gp = value("--gp", "LAMBDA", "The same between both: lambda · mean (‖gradient‖ - 1)² [default: 10 with wgan-gp]");
        _labelSmoothing = value("--label-smoothing", "X", "Label of real pictures: 1 - X [default: 0]");
        _flipLabels = value("--flip-labels", "P", "Probability of a wrong label [default: 0]");
        _instanceNoise = value("--instance-noise", "S", "Deviation of noise on all pictures that D sees; decays to 0 [default: 0]");
        _spectralNorm = flag("--spectral-norm", "Divides D's weights by their largest singular values");
        _ema = value("--ema", "DECAY", "Generates pictures with a moving average of G's weights, such as 0.999");
        _dSteps = value("--d-steps", "N", "Updates of D for each update of G [default: 5 with wgan and wgan-gp, otherwise 1]");
        _lrDecay = value("--lr-decay", string.Join('|', Decays), "Decay of the learning rates, to a fiftieth at the end");
        _gradClip = value("--grad-clip", "X", "The largest norm of a network's gradients");
        _pack = value("--pack", "M", "Pictures that D sees together (PacGAN); the batch must be a multiple of M [default: 1]");
    }

    /// <summary>Reads and checks the options. Another loss than the default one comes without the latter's penalties and labels.</summary>
    /// <param name="given">The command line.</param>
    /// <param name="defaults">The values of options that are not given.</param>
    /// <exception cref="GanException">Usage: a wrong type, range or name, or options that exclude each other.</exception>
    public Objective Read(ParseResult given, Objective defaults)
    {
        if (given.GetValue(_loss) is { } name && AdversarialLoss.Find(name) is var loss && loss != defaults.Loss)
        {
            defaults = new Objective
            {
                Loss = loss,
                GradientPenalty = loss.GradientPenalty,
                DiscriminatorSteps = loss.DiscriminatorSteps,
                RateDecay = defaults.RateDecay,
                Ema = defaults.Ema,
                GradientClip = defaults.GradientClip,
                SpectralNorm = defaults.SpectralNorm,
            };
        }
        if (given.NotNegative(_gp) > 0 && given.GetValue(_r1) is null && given.GetValue(_r2) is null)
            defaults = defaults with { R1 = 0f, R2 = 0f }; // replaces penalties that were not asked for
        return new Objective
        {
            Loss = defaults.Loss,
            R1 = given.NotNegative(_r1) ?? defaults.R1,
            R2 = given.NotNegative(_r2) ?? defaults.R2,
            GradientPenalty = given.NotNegative(_gp) ?? defaults.GradientPenalty,
            LabelSmoothing = given.NotNegative(_labelSmoothing, below: 0.5f) ?? defaults.LabelSmoothing,
            FlipLabels = given.NotNegative(_flipLabels, below: 0.5f) ?? defaults.FlipLabels,
            InstanceNoise = given.NotNegative(_instanceNoise) ?? defaults.InstanceNoise,
            SpectralNorm = given.GetValue(_spectralNorm) || defaults.SpectralNorm,
            Ema = given.NotNegative(_ema, below: 1f) ?? defaults.Ema,
            DiscriminatorSteps = given.Whole(_dSteps, 1, Objective.MostDiscriminatorSteps) ?? defaults.DiscriminatorSteps,
            RateDecay = given.Choice(_lrDecay, Decays) is { } decay ? (RateDecay)decay : defaults.RateDecay,
            GradientClip = given.NotNegative(_gradClip) ?? defaults.GradientClip,
            Pack = given.Whole(_pack, 1, Objective.MostPack) ?? defaults.Pack,
        }.Checked();
    }
}

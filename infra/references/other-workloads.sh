#!/usr/bin/env bash
# References to images that AWS Batch, App Runner, SageMaker and CodeBuild of one account and region use, one a line: a file for
# `demurrage use --in-use FILE`, which asks none of these itself.
#
#   other-workloads.sh [--region REGION] > references.txt && demurrage use --in-use references.txt
#
# It needs the AWS CLI and jq, and changes nothing. Where a call fails it says so and ends with 1, and what it has printed by then
# is no file to use: `&&` keeps it from being one. `--service NAME` (batch, apprunner, sagemaker, codebuild; repeatable) asks
# only these; without it all are asked, and all have to answer.
set -euo pipefail
# What fails within `$(…)` has to end it, too.
shopt -s inherit_errexit

export AWS_PAGER=""
services=()
cli=(aws --output json)

usage() {
  echo "usage: other-workloads.sh [--region REGION] [--service batch|apprunner|sagemaker|codebuild]..." >&2
  exit 2
}

while (($#)); do
  case "$1" in
    --region)
      (($# > 1)) || usage
      cli+=(--region "$2")
      shift 2
      ;;
    --service)
      (($# > 1)) || usage
      case "$2" in
        batch | apprunner | sagemaker | codebuild) services+=("$2") ;;
        *) usage ;;
      esac
      shift 2
      ;;
    *) usage ;;
  esac
done
((${#services[@]})) || services=(batch apprunner sagemaker codebuild)

# Asks AWS; the AWS CLI goes through all pages by itself where a call has them.
ask() {
  "${cli[@]}" "$@" || {
    echo "error: \`aws $1 $2\` failed: what it would have named is unknown, and this is no file to use" >&2
    exit 1
  }
}

# Prints each image that stands anywhere in a description once, with where that was as a comment behind it.
print_images() {
  jq -r '.. | objects
    | (.image, .Image, .ImageUri, .ImageIdentifier, .TrainingImage, .BaseImage, .ContainerImage)
    | strings | select(. != "")' | sort -u | sed "s|\$| # $1|"
}

# Every revision of a job definition that is active, whether it is for containers, several nodes, ECS or EKS. A job that runs is a
# task of ECS or a pod, which `demurrage use` reads itself.
batch() {
  local definitions
  definitions=$(ask batch describe-job-definitions --status ACTIVE)
  print_images "Batch job definition" <<<"$definitions"
}

apprunner() {
  local list arns arn service
  list=$(pages apprunner list-services '.ServiceSummaryList[]')
  arns=$(jq -r '.ServiceArn' <<<"$list")
  while IFS= read -r arn; do
    [[ -n $arn ]] || continue
    service=$(ask apprunner describe-service --service-arn "$arn")
    print_images "App Runner ${arn##*:}" <<<"$service"
  done <<<"$arns"
}

# Goes through the pages of a list that the AWS CLI does not know to have any, one object a line.
pages() {
  local page token="" seen=" "
  while :; do
    if [[ -n $token ]]; then
      page=$(ask "$1" "$2" --next-token "$token")
    else
      page=$(ask "$1" "$2")
    fi
    jq -c "$3" <<<"$page"
    token=$(jq -r '.NextToken // .nextToken // ""' <<<"$page")
    [[ -n $token ]] || return 0
    if [[ $seen == *" $token "* ]]; then
      echo "error: \`aws $1 $2\` goes round in circles" >&2
      exit 1
    fi
    seen+="$token "
  done
}

# What endpoints can load, what runs, and what notebooks are started with. Pipelines and tuning jobs that have not begun are not in it.
sagemaker() {
  local list names name model version versions
  list=$(ask sagemaker list-models)
  names=$(jq -r '.Models[].ModelName' <<<"$list")
  while IFS= read -r name; do
    [[ -n $name ]] || continue
    model=$(ask sagemaker describe-model --model-name "$name")
    print_images "SageMaker model $name" <<<"$model"
  done <<<"$names"

  list=$(ask sagemaker list-model-packages --model-package-type Both)
  names=$(jq -r '.ModelPackageSummaryList[].ModelPackageArn' <<<"$list")
  while IFS= read -r name; do
    [[ -n $name ]] || continue
    model=$(ask sagemaker describe-model-package --model-package-name "$name")
    print_images "SageMaker model package ${name##*:model-package/}" <<<"$model"
  done <<<"$names"

  local status
  for status in InProgress Stopping; do
    list=$(ask sagemaker list-training-jobs --status-equals "$status")
    names=$(jq -r '.TrainingJobSummaries[].TrainingJobName' <<<"$list")
    while IFS= read -r name; do
      [[ -n $name ]] || continue
      model=$(ask sagemaker describe-training-job --training-job-name "$name")
      print_images "SageMaker training $name" <<<"$model"
    done <<<"$names"
    list=$(ask sagemaker list-processing-jobs --status-equals "$status")
    names=$(jq -r '.ProcessingJobSummaries[].ProcessingJobName' <<<"$list")
    while IFS= read -r name; do
      [[ -n $name ]] || continue
      model=$(ask sagemaker describe-processing-job --processing-job-name "$name")
      print_images "SageMaker processing $name" <<<"$model"
    done <<<"$names"
  done

  list=$(ask sagemaker list-images)
  names=$(jq -r '.Images[].ImageName' <<<"$list")
  while IFS= read -r name; do
    [[ -n $name ]] || continue
    model=$(ask sagemaker list-image-versions --image-name "$name")
    versions=$(jq -r '.ImageVersions[].Version' <<<"$model")
    while IFS= read -r version; do
      [[ -n $version ]] || continue
      model=$(ask sagemaker describe-image-version --image-name "$name" --version-number "$version")
      print_images "SageMaker image $name" <<<"$model"
    done <<<"$versions"
  done <<<"$names"
}

# The images in which projects build. A batch of at most 100 names is asked for at a time.
codebuild() {
  local list names name batch=() projects
  list=$(ask codebuild list-projects)
  names=$(jq -r '.projects[]' <<<"$list")
  while IFS= read -r name; do
    [[ -n $name ]] || continue
    batch+=("$name")
    if ((${#batch[@]} == 100)); then
      projects=$(ask codebuild batch-get-projects --names "${batch[@]}")
      jq '[.projects[].environment]' <<<"$projects" | print_images "CodeBuild project"
      batch=()
    fi
  done <<<"$names"
  if ((${#batch[@]})); then
    projects=$(ask codebuild batch-get-projects --names "${batch[@]}")
    jq '[.projects[].environment]' <<<"$projects" | print_images "CodeBuild project"
  fi
}

for service in "${services[@]}"; do
  "$service"
done
# Only who comes so far has asked all of them: a file without references says that there are none.
echo "# none but these"
